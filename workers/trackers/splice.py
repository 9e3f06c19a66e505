"""Putting our change into text of theirs, byte for byte where nothing of it changed (pure)."""

from __future__ import annotations

import re

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def splice(raw: str, described: str) -> str:
    """``described`` with the lines that it shares with ``raw`` at both ends as ``raw`` has them.

    ``described`` is ``block.normal`` of a changed ``raw``: trailing spaces, kinds of line ends and
    runs of blank lines, which normalizing loses, stay in the parts that did not change.
    """
    theirs, ours = _LINES.findall(raw.replace("\0", "")), described.split("\n")
    before, begin = _shared(theirs, ours)
    after, end = _shared(theirs[before:][::-1], ours[begin:][::-1])
    middle = "\n".join(ours[begin : len(ours) - end])
    head, tail = "".join(theirs[:before]), "".join(theirs[len(theirs) - after :])
    if not middle:
        return head + tail
    if head and not head.endswith(("\n", "\r")):
        head += "\n"
    return head + middle + ("\n" + tail if tail else "")


def _shared(theirs: list[str], ours: list[str]) -> tuple[int, int]:
    """How many lines of both say the same from the beginning; more blank ones of theirs pass."""
    taken = same = 0
    while taken < len(theirs):
        line = theirs[taken].rstrip()
        if same < len(ours) and line == ours[same]:
            same += 1
        elif line:
            break
        taken += 1
    return taken, same
