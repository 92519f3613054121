"""The same commits built by buildah, as a judge that is not ours: the file as it is, and as rplan rewrote it."""

import os
import subprocess
import time
from pathlib import Path

from subject import Unfit, dockerfile, ignore_rules, last_words, must, run

SIDES = ("original", "rewritten")
# As in rplan's own replay: the time of a checkout says nothing.
WRITTEN_AT = 1_577_836_800


def replay(project, room, bases, args, before):
    """Both files, each with a cache of its own that is empty at first. `before` is what rplan's own replay found."""
    if not before or "rewritten" not in before:
        raise Unfit("rplan has not rewritten and replayed it")
    tree, sides = room / "checkout", {}
    versions = {"original": (dockerfile(project, room).read_text(), ignore_rules(project, room))}
    versions["rewritten"] = (before["rewritten"], before["rules"])
    for side, (text, rules) in versions.items():
        sides[side] = (room / f"{side}.Dockerfile", room / f"{side}.dockerignore")
        sides[side][0].write_text(text)
        sides[side][1].write_text(rules)
    layouts = bases.of(project)
    stores = {side: Buildah(room / side, layouts) for side in SIDES}
    told = []
    try:
        names = must(["git", "-C", str(tree), "rev-list", "--first-parent", f"--max-count={args.commits}", "HEAD"]).stdout.split()
        for number, commit in enumerate(reversed(names)):
            place = room / "context"
            lay_out(tree, commit, place)
            # Whoever goes second finds the disk warm.
            order = SIDES if number % 2 == 0 else SIDES[::-1]
            seconds = {side: stores[side].build(*sides[side], place) for side in order}
            told.append({"commit": commit[:10], **seconds})
            must(["rm", "-rf", str(place)])
    finally:
        for store in stores.values():
            store.remove()
    return {"outcome": "replayed", "commits": told}


class Buildah:
    """One cache."""

    def __init__(self, place, layouts):
        self.command = ["buildah", "--root", str(place / "root"), "--runroot", str(place / "runroot")]
        for image, layout in layouts.items():
            if "@" in image:
                raise Unfit(f"buildah takes no other image for one that is named by its digest: {image}")
            name = must([*self.command, "pull", "--quiet", f"oci:{layout}"]).stdout.split()[-1]
            must([*self.command, "tag", name, image if "/" in image else f"docker.io/library/{image}"])

    def build(self, file, rules, context):
        """How many seconds a build took."""
        options = ["--layers", "--isolation", "chroot", "--network", "host", "--pull-never", "--ignorefile", str(rules)]
        began = time.monotonic()
        ended = run([*self.command, "build", *options, "--tag", "built", "--file", str(file), str(context)])
        if ended.returncode != 0:
            raise Unfit(f"buildah, {file.stem}: {last_words(ended)}")
        return time.monotonic() - began

    def remove(self):
        """Unmounts and removes it all; its directories are not to be left mounted."""
        run([*self.command, "rm", "--all"])
        run([*self.command, "rmi", "--all", "--force"])
        subprocess.run(["umount", self.command[2] + "/overlay"], capture_output=True)


def lay_out(tree, commit, place):
    """Writes out the files of a commit, all of the same time."""
    place.mkdir()
    index = {**os.environ, "GIT_INDEX_FILE": str(place.with_name("index"))}
    must(["git", "-C", str(tree), "read-tree", commit], env=index)
    must(["git", "-C", str(tree), "checkout-index", "--all", f"--prefix={place}/"], env=index)
    for directory, _, names in os.walk(place, topdown=False):
        for path in [*(Path(directory) / name for name in names), Path(directory)]:
            os.utime(path, (WRITTEN_AT, WRITTEN_AT), follow_symlinks=False)
