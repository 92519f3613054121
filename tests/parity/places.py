"""On which lines the instructions of a Dockerfile begin and end, found without any of the linters compared.

Knows continuation lines, comments inside them, the escape directive and heredocs; nothing of what instructions mean.
"""

import re

ESCAPE = re.compile(r"^\s*#\s*escape\s*=\s*([\\`])\s*$", re.IGNORECASE)
DIRECTIVE = re.compile(r"^\s*#\s*\w+\s*=")
HEREDOC = re.compile(r"<<-?\s*(['\"]?)([^\s'\"<>|&;()]+)\1")
FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
TAKES_HEREDOC = re.compile(r"^\s*(ONBUILD\s+)?(RUN|COPY|ADD)\s", re.IGNORECASE)


def instructions(text):
    """The instructions as (first line, last line, text), counted from one."""
    lines = text.replace("\r\n", "\n").split("\n")
    escape = escape_character(lines)
    found, number = [], 0
    while number < len(lines):
        if is_blank(lines[number]):
            number += 1
            continue
        first = number
        number = past_continuations(lines, number, escape)
        if TAKES_HEREDOC.match(lines[first]):
            number = past_heredocs(lines, first, number)
        found.append((first + 1, number, "\n".join(lines[first:number])))
    return found


def escape_character(lines):
    for line in lines:
        if match := ESCAPE.match(line):
            return match.group(1)
        if not DIRECTIVE.match(line):
            break
    return "\\"


def is_blank(line):
    return not line.strip() or line.lstrip().startswith("#")


def past_continuations(lines, number, escape):
    while number < len(lines) and (is_blank(lines[number]) or lines[number].rstrip().endswith(escape)):
        number += 1
    return min(number + 1, len(lines))


def past_heredocs(lines, first, number):
    for _, name in HEREDOC.findall("\n".join(lines[first:number])):
        end = number
        while end < len(lines) and lines[end].strip("\t\r") != name:
            end += 1
        if end < len(lines):
            number = end + 1
    return number


def at(places, line):
    """The instruction that a line belongs to, or None for a line between instructions."""
    return next((place for place in places if place[0] <= line <= place[1]), None)


def shipped(places):
    """The first lines of the instructions whose layers end in the image: the last stage, and the stages it starts from."""
    stages = []
    for first, _, text in places:
        if match := FROM.match(text):
            stages.append((match.group(1).lower(), (match.group(2) or "").lower(), []))
        if stages:
            stages[-1][2].append(first)
    lines, wanted = set(), len(stages) - 1
    while wanted is not None and wanted >= 0:
        base, _, own = stages[wanted]
        lines.update(own)
        wanted = next((at for at in reversed(range(wanted)) if stages[at][1] == base), None)
    return lines
