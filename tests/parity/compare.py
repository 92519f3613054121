"""Where rplan and a peer disagree, and which of the written reasons explains it.

Knows rules, instructions and reasons; nothing of how linters are run.
Invariant: a disagreement is one rule of one peer at one instruction of one file, in one direction.
"""

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import places

# What rplan says of a file that no builder takes; a peer that gives the file up agrees.
REFUSALS = {"syntax-error", "build-error"}
KINDS = {"missed": "the peer reports, rplan does not", "extra": "rplan reports, the peer does not"}


@dataclass(frozen=True, order=True)
class Disagreement:
    peer: str
    rule: str
    kind: str
    path: str
    line: int
    text: str
    ships: bool
    above: str
    elsewhere: bool
    beside: bool


@dataclass
class Reason:
    """Why rplan is right about one kind of place."""

    peer: str
    rules: list
    kind: str
    why: str
    where: re.Pattern | None = None
    file: re.Pattern | None = None
    ships: bool | None = None
    elsewhere: bool | None = None
    beside: bool | None = None
    above: re.Pattern | None = None

    def explains(self, one, text):
        if one.peer != self.peer or one.kind != self.kind or not any(fnmatchcase(one.rule, rule) for rule in self.rules):
            return False
        facts = ((self.ships, one.ships), (self.elsewhere, one.elsewhere), (self.beside, one.beside))
        if any(asked not in (None, fact) for asked, fact in facts):
            return False
        looks = ((self.where, one.text), (self.file, text), (self.above, one.above))
        return all(not pattern or pattern.search(where) for pattern, where in looks)


def reasons(path):
    """The written reasons; a mistake in them ends the run."""
    found = []
    for entry in tomllib.loads(Path(path).read_text())["reason"]:
        where, file, above = (entry.pop(key, None) for key in ("where", "file", "above"))
        reason = Reason(**entry)
        if reason.kind not in KINDS or not reason.why:
            raise SystemExit(f"{path}: {entry}: `kind` is one of {', '.join(KINDS)}, and `why` says something")
        reason.where = re.compile(where, re.IGNORECASE | re.DOTALL) if where else None
        reason.file = re.compile(file, re.IGNORECASE | re.DOTALL | re.MULTILINE) if file else None
        reason.above = re.compile(above, re.IGNORECASE) if above else None
        found.append(reason)
    return found


def compared_rules(peer, aliases, numbers, only):
    """The rules of a peer that rplan answers to, each with the rplan rules that do. hadolint asks ShellCheck too: its
    `numbers` name what rplan has from ShellCheck, and what rules of its own say in ShellCheck's place."""
    names = {number: {number} for number in numbers}
    for rule, foreign in aliases.items():
        for name in foreign:
            is_wanted = name in numbers if is_number(name) else is_rule(peer, name)
            if is_wanted:
                names.setdefault(name, set()).add(rule)
    return {name: rules for name, rules in names.items() if not only or name in only}


def is_rule(peer, name):
    return (peer == "hadolint") == bool(re.fullmatch(r"DL\d{4}", name))


def numbers(*verdicts):
    """The numbers of ShellCheck that anybody names."""
    found = (rule for answers in verdicts for verdict in answers.values() for rule, _ in verdict or ())
    return {rule for rule in found if is_number(rule)}


def is_number(rule):
    return bool(re.fullmatch(r"SC\d{4}", rule))


def disagreements(peer, theirs, ours, names, texts):
    """Every disagreement over the files that both could read, and how many verdicts were the same."""
    found, same, gave_up = [], 0, []
    answers = {}
    for name, rules in names.items():
        for rule in rules:
            answers.setdefault(rule, set()).add(name)
    for path, verdict in theirs.items():
        mine = ours[path]
        if verdict is None:
            gave_up.append((path, any(rule in REFUSALS for rule, _ in mine)))
            continue
        spots = places.instructions(texts[path])
        shipped, lines = places.shipped(spots), texts[path].splitlines()

        def tell(rule, kind, line, text):
            above = lines[line - 2] if 1 < line <= len(lines) + 1 else ""
            others = own if kind == "missed" else their
            same = names[rule] if kind == "missed" else answers[rule]
            elsewhere = any(one in same for one, _ in others)
            beside = any(is_number(one) and place == (line, text) for one, place in others)
            found.append(Disagreement(peer, rule, kind, path, line, text, line in shipped, above, elsewhere, beside))

        their = {(rule, spot(spots, line)) for rule, line in verdict if rule in names}
        own = {(rule, spot(spots, line)) for rule, line in mine if rule in answers}
        for rule, place in their:
            if any((one, place) in own for one in names[rule]):
                same += 1
            else:
                tell(rule, "missed", *place)
        for rule, place in own:
            if not any((name, place) in their for name in answers[rule]):
                tell(rule, "extra", *place)
    return sorted(found), same, gave_up


def spot(spots, line):
    """The first line and the text of the instruction at a line; the line alone between instructions."""
    place = places.at(spots, line)
    return (place[0], place[2]) if place else (line, "")
