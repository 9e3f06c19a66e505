"""The part of an issue's description that is ours, and the marks by which ours is found (pure).

A description is Markdown. Our part stands between two lines of plain text, which survive every
tracker's own format and the editors of people::

    Kept by Cairn (cairn-<32 hexadecimal digits>), begin
    ...
    Kept by Cairn (cairn-<32 hexadecimal digits>), end

Whatever people do around it, or to the two lines, none of their text is ever lost.
"""

from __future__ import annotations

import re
import uuid

_LINE = re.compile(r"^.*Kept by Cairn \\?\((cairn\\?-[0-9a-f]{32})\\?\), (begin|end).*$", re.I)
_LOOKS_LIKE_OURS = re.compile(r"Kept by Cairn \(", re.I)
_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_COMMENT = re.compile(r"^[\s*_`]*Cairn comment ([0-9a-f]{32})[\s*_`]*$", re.I)


def marker_of(uid: uuid.UUID) -> str:
    """What finds the issue of a ticket again: 38 letters, digits and a hyphen.

    It fits a label of GitHub and of Jira, a correlation id of ServiceNow, a PagerDuty dedup key.
    """
    return f"cairn-{uid.hex}"


def normal(text: str) -> str:
    """Text as it is compared: line ends, trailing spaces and blank edges do not count."""
    lines = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    joined = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", joined).strip("\n")


def take(description: str, marker: str) -> str | None:
    """Our part, normalized; None where its two lines are not there, one after the other."""
    lines = normal(description).split("\n")
    found = _span(lines, marker)
    return None if found is None else normal("\n".join(lines[found[0] + 1 : found[1]]))


def around(description: str, marker: str) -> str:
    """What is not ours, normalized."""
    lines = normal(description).split("\n")
    found = _span(lines, marker)
    if found is not None:
        lines[found[0] : found[1] + 1] = []
    return normal("\n".join(lines))


def put(description: str, marker: str, block: str, *, before: str = "") -> str:
    """The description with our part replaced, or added at its end.

    ``before`` is our part as it last was: where one of the two lines was lost, it is taken out by
    its words, and what else is there is taken for theirs. Putting the same twice changes nothing.
    """
    lines = normal(description).split("\n")
    ours = _framed(marker, block)
    found = _span(lines, marker)
    if found is not None:
        lines[found[0] : found[1] + 1] = ours
        return normal("\n".join(lines))
    theirs = "\n".join(line for line in lines if _mark_in(line, marker) is None)
    theirs = theirs.replace(normal(before), "") if normal(before) else theirs
    return normal("\n".join([normal(theirs), "", *ours]))


def mark_comment(body: str, comment_id: str) -> str:
    """A comment of ours with the line that tells it from theirs."""
    return f"{_fenced(normal(body))}\n\nCairn comment {comment_id}"


def comment_of(body: str) -> tuple[str, str]:
    """The words of a comment and our id of it; an empty id where its last line is no mark."""
    words, _, last = normal(body).rpartition("\n")
    found = _COMMENT.match(last)
    return (normal(words), found[1].lower()) if found else (normal(body), "")


def _fenced(text: str) -> str:
    """With an end to code that has none, in which the mark would be lost.

    https://spec.commonmark.org/0.31.2/#fenced-code-blocks
    """
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text


def _framed(marker: str, block: str) -> list[str]:
    """Our lines with an empty one inside each mark, so that Markdown makes them paragraphs."""
    words = _LOOKS_LIKE_OURS.sub("Kept by Cairn [", normal(block))
    inside = ["", *words.split("\n"), ""] if words else [""]
    return [f"Kept by Cairn ({marker}), begin", *inside, f"Kept by Cairn ({marker}), end"]


def _span(lines: list[str], marker: str) -> tuple[int, int] | None:
    """The first begin that an end follows, with no other begin between."""
    begin = None
    for number, line in enumerate(lines):
        mark = _mark_in(line, marker)
        if mark == "begin":
            begin = number
        elif mark == "end" and begin is not None:
            return begin, number
    return None


def _mark_in(line: str, marker: str) -> str | None:
    found = _LINE.match(line)
    if found is None or found[1].lower().replace("\\", "") != marker:
        return None
    return found[2].lower()
