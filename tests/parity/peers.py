"""How each linter is asked for its findings.

Owns the command lines and the shapes of their reports. Knows nothing of what agrees with what.
A file maps to `Verdict`: the findings as (rule, line), or None where the linter gave the file up.
"""

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

BATCH = 40
# Rules of hadolint that are off until asked for.
HADOLINT_OPT_IN = ["DL1001", "DL3057"]


def sha(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Peer:
    """A linter whose answers are kept, since they change only with its version, its options and the file."""

    def __init__(self, program, cache):
        self.program = program
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        key = hashlib.sha256((version + repr(self.options())).encode()).hexdigest()[:12]
        self.version = version.strip()
        self.store = Path(cache) / f"{self.name}-{key}.json" if cache else None
        self.known = json.loads(self.store.read_text()) if self.store and self.store.exists() else {}

    def verdicts(self, paths):
        digests = {path: sha(path) for path in paths}
        missing = [path for path in paths if digests[path] not in self.known]
        for start in range(0, len(missing), BATCH):
            for path, verdict in self.ask(missing[start : start + BATCH]).items():
                self.known[digests[path]] = verdict
        if self.store and missing:
            self.store.parent.mkdir(parents=True, exist_ok=True)
            self.store.write_text(json.dumps(self.known, indent=0, sort_keys=True))
        return {path: self.known[digest] for path, digest in digests.items()}


class Hadolint(Peer):
    """The real hadolint, every rule on, told of no settings file."""

    name = "hadolint"

    def options(self):
        on = [word for rule in HADOLINT_OPT_IN for word in ("--info", rule)]
        return ["--no-fail", "--format", "json", "--config", os.devnull, *on]

    def ask(self, paths):
        done = subprocess.run([self.program, *self.options(), *paths], capture_output=True, text=True)
        verdicts = {path: [] for path in paths}
        for finding in json.loads(done.stdout):
            verdicts[finding["file"]].append([finding["code"], finding["line"]])
        return {path: None if any(f[0] == "DL1000" for f in found) else found for path, found in verdicts.items()}


class Tally(Peer):
    """tally, with nothing on but the checks that BuildKit itself has. It gives up all files when one is broken."""

    name = "tally"

    def options(self):
        return ["lint", "--no-config", "--slow-checks", "off", "--format", "json", "--fail-level", "none",
                "--ignore", "*", "--select", "buildkit/*"]  # fmt: skip

    def ask(self, paths):
        done = subprocess.run([self.program, *self.options(), *paths], capture_output=True, text=True)
        if done.returncode != 0:
            if len(paths) == 1:
                return {paths[0]: None}
            half = len(paths) // 2
            return self.ask(paths[:half]) | self.ask(paths[half:])
        verdicts = {path: [] for path in paths}
        for file in json.loads(done.stdout)["files"]:
            for finding in file["violations"]:
                rule = finding["rule"].removeprefix("buildkit/")
                verdicts[file["file"]].append([rule, finding["location"]["start"]["line"]])
        return verdicts


def rplan(program, options, paths):
    """The findings of rplan itself, every severity shown."""
    found = {}
    with tempfile.TemporaryDirectory() as empty:
        context = ["--context", empty, "--config", os.devnull]
        for start in range(0, len(paths), 500):
            command = [program, "lint", "-q", "--format", "json", "--severity", "style", *context, *options]
            done = subprocess.run([*command, *paths[start : start + 500]], capture_output=True, text=True)
            if done.returncode not in (0, 1):
                raise SystemExit(f"rplan failed: {done.stderr.strip()}")
            for file in json.loads(done.stdout)["files"]:
                found[file["path"]] = [[f["rule"], f["start"]["line"]] for f in file["findings"]]
    return found


def aliases(program):
    """Which names of other linters each rule of rplan answers to."""
    done = subprocess.run([program, "rules", "--format", "json"], capture_output=True, text=True, check=True)
    return {rule["id"]: rule["aliases"] for rule in json.loads(done.stdout)["rules"]}
