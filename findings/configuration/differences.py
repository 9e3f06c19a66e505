"""What an import would change, section by section."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from findings.configuration.shapes import Entry, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry as it is and as it is to be."""

    before: Entry
    after: Entry

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """Name -> value before and after, of those that change."""
        before, after = self.before.values, self.after.values
        return {n: (before[n], after[n]) for n in after if before[n] != after[n]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """From what a section holds to what it is to hold, ``wanted``.

    ``order`` is the order of what stays and comes, as it would be by itself and as it is to be;
    None where these are the same. ``over`` is what the file names although its time is over.
    """

    shape: Shape
    wanted: tuple[Entry, ...]
    created: tuple[Entry, ...] = ()
    changed: tuple[Change, ...] = ()
    removed: tuple[Entry, ...] = ()
    order: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    over: tuple[Entry, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.created or self.changed or self.removed or self.order)

    @property
    def touched(self) -> tuple[Entry, ...]:
        """What is to be written."""
        return (*self.created, *(change.after for change in self.changed))


def difference(
    shape: Shape, held: Sequence[Entry], wanted: Sequence[Entry], over: Sequence[Entry] = ()
) -> Difference:
    before, after = shape.keyed(shape.ordered(held)), shape.keyed(shape.ordered(wanted))
    stays = [key for key in before if key in after]
    comes = [key for key in after if key not in before]
    is_moved = shape.is_ordered and [*stays, *comes] != list(after)
    return Difference(
        shape=shape,
        wanted=tuple(wanted),
        over=tuple(over),
        created=tuple(after[key] for key in comes),
        changed=tuple(
            Change(before=before[key], after=after[key])
            for key in stays
            if before[key].values != after[key].values
        ),
        removed=tuple(before[key] for key in before if key not in after),
        order=(
            (
                _called(shape, (after[key] for key in [*stays, *comes])),
                _called(shape, after.values()),
            )
            if is_moved
            else None
        ),
    )


def _called(shape: Shape, entries: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(shape.called(entry) for entry in entries)
