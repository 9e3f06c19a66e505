"""A tree of answers to "why" as lines that people write: two spaces more for each level below."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

STEP = 2


def outline_of(tree: list[dict[str, Any]], level: int = 0) -> str:
    lines = []
    for leaf in tree:
        lines.append(" " * STEP * level + leaf["why"].replace("\n", " "))
        if leaf["because"]:
            lines.append(outline_of(leaf["because"], level + 1))
    return "\n".join(lines)


def tree_of(outline: str) -> list[dict[str, Any]]:
    """Raises ValidationError where a line lies deeper than one level below the one before."""
    root: list[dict[str, Any]] = []
    path = [root]
    for number, line in enumerate(outline.expandtabs(STEP).splitlines(), start=1):
        text = line.strip()
        if not text:
            continue
        level = (len(line) - len(line.lstrip())) // STEP
        if level >= len(path):
            told = f"Line {number} of the whys is more than one level below the line before."
            raise ValidationError({"whys": told})
        leaf: dict[str, Any] = {"why": text, "because": []}
        del path[level + 1 :]
        path[level].append(leaf)
        path.append(leaf["because"])
    return root
