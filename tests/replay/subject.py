"""A project of projects.toml on this machine: its files, and the base images that stand for those it names."""

import os
import signal
import subprocess
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
RPLAN = os.environ.get("RPLAN", str(ROOT / "target/release/rplan"))
BASES = Path(os.environ.get("BASES", str(ROOT / "target/bases")))
# Copied into a base, these would only make it heavier.
UNWANTED = ["**/__pycache__", "**/*.a", "lib/*/test", "lib/*/site-packages", "bin/pip*"]


class Unfit(Exception):
    """Why a project cannot be replayed here."""


class Bases:
    """The base images of projects.toml as OCI layouts, each made once, in a directory of their own."""

    def __init__(self, place):
        self.place = Path(place).absolute()
        self.recipes = projects_file()["base"]

    def layout(self, name):
        """The layout of a base: one of examples/bases/make, or one that is made of those."""
        if name not in self.recipes:
            return BASES / name
        layout = self.place / name
        if not (layout / "index.json").exists():
            self.make(layout, self.recipes[name])
        return layout

    def make(self, layout, base):
        context = self.place / "empty"
        context.mkdir(parents=True, exist_ok=True)
        if variable := base.get("context"):
            if variable not in os.environ:
                raise Unfit(f"the base {layout.name} needs the directory that {variable} names")
            context = Path(os.environ[variable])
        file = self.place / f"{layout.name}.Dockerfile"
        file.write_text("\n".join(base["recipe"]) + "\n")
        file.with_name(f"{file.name}.dockerignore").write_text("\n".join(UNWANTED) + "\n")
        below = {name: self.layout(name) for name in named(base["recipe"])}
        ended = run(
            [RPLAN, "build", "--progress", "plain", "-f", str(file), *contexts(below)]
            + ["-o", f"type=oci,dest={layout},tar=false", str(context)],
            env=home(self.place),
        )
        if ended.returncode != 0:
            raise Unfit(f"the base {layout.name} cannot be made: {last_words(ended)}")

    def of(self, project):
        """What each image that the project names is here."""
        return {image: self.layout(base) for image, base in project["bases"].items()}


def named(recipe):
    """The images that the lines of a Dockerfile begin with."""
    return {line.split()[1] for line in recipe if line.startswith("FROM ")}


def projects_file():
    return tomllib.loads((HERE / "projects.toml").read_text())


def checkout(mirrors, project, place):
    """The newest commit of the main line, in a work tree at `place`; its name."""
    mirror = Path(mirrors) / project["repository"].replace("/", "+") / "repo"
    if not mirror.exists():
        raise Unfit("no mirror of it here")
    must(["git", "clone", "--quiet", "--shared", "--no-checkout", str(mirror), str(place)])
    # A file too large for the mirror is missing; what matters is the history.
    run(["git", "-C", str(place), "checkout", "--quiet", "--force", "HEAD"])
    return must(["git", "-C", str(place), "rev-parse", "HEAD"]).stdout.strip()


def dockerfile(project, room):
    return room / "checkout" / project.get("dockerfile", "Dockerfile")


def ignore_rules(project, room):
    """The ignore rules that count for a project's Dockerfile."""
    file = dockerfile(project, room)
    for place in (file.with_name(f"{file.name}.dockerignore"), room / "checkout" / ".dockerignore"):
        if place.exists():
            return place.read_text()
    return ""


def contexts(bases):
    """The options by which rplan takes these images for those that are named."""
    return [word for image, layout in bases.items() for word in ("--build-context", f"{image}=oci-layout://{layout}")]


def home(place):
    """The environment in which rplan knows of nothing outside of a directory."""
    return {**os.environ, "XDG_DATA_HOME": str(place / "data"), "XDG_CACHE_HOME": str(place / "cache")}


def run(command, env=None, limit=None):
    """Runs a command to its end. One that takes longer than `limit` seconds is asked to stop, and that is an Unfit."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "errors": "replace"}
    with subprocess.Popen(command, env=env, **pipes) as process:
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            # It undoes its mounts.
            process.send_signal(signal.SIGINT)
            process.communicate()
            raise Unfit(f"took longer than {limit:.0f} s") from None
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def must(command, env=None):
    ended = run(command, env)
    if ended.returncode != 0:
        raise Unfit(f"{' '.join(command[:3])}: {last_words(ended)}")
    return ended


def last_words(ended):
    return "\n".join(ended.stderr.strip().splitlines()[-15:])
