"""Differences in words, for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from findings.configuration.differences import Difference
from findings.configuration.shapes import Entry, Shape


def difference_lines(differences: Iterable[Difference]) -> Iterator[str]:
    """By section: + what comes, ~ what changes with its old and new values, - what goes."""
    for each in differences:
        if each or each.over:
            yield f"{each.shape.name}:"
            yield from (f"  + {_told(each.shape, entry)}" for entry in each.created)
            yield from _changes(each)
            yield from (f"  - {shown(each.shape.called(entry))}" for entry in each.removed)
            yield from (
                f"    {shown(each.shape.called(entry))} is left out: its time is over"
                for entry in each.over
            )


def summary(differences: Iterable[Difference]) -> str:
    told = list(differences)
    created, changed = sum(len(d.created) for d in told), sum(len(d.changed) for d in told)
    removed, moved = sum(len(d.removed) for d in told), sum(bool(d.order) for d in told)
    if not any(told):
        return "All of it is so already."
    order = f", {moved} put in another order" if moved else ""
    return f"{created} created, {changed} changed, {removed} removed{order}."


def _changes(each: Difference) -> Iterator[str]:
    for change in each.changed:
        yield f"  ~ {shown(each.shape.called(change.after))}"
        for name, (before, after) in change.fields.items():
            yield f"      {name}: {value_shown(before)} -> {value_shown(after)}"
    if each.order:
        before, after = (", ".join(map(shown, names)) for names in each.order)
        yield f"  ~ order: {before} -> {after}"


def _told(shape: Shape, entry: Entry) -> str:
    more = ", ".join(
        f"{name}: {value_shown(value)}"
        for name, value in shape.written(entry).items()
        if name not in shape.key
    )
    return shown(shape.called(entry)) + (f" ({more})" if more else "")


def value_shown(value: Any) -> str:
    return shown(json.dumps(value, ensure_ascii=False, default=str))


def shown(text: str) -> str:
    """Without what could steer a terminal."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
