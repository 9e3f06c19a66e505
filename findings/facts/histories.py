"""What facts tell of a stretch of time, kept for longer than AWS keeps it. Pure.

A class of facts that tell what happened since an instant says so where it is declared::

    kept=History("known_from", {"runs": Happening(at=lambda run: run.ended_at, same=…)})

What scans have seen of such a fact is kept as its past, as far back as scans followed each other
without a hole, and a fact is extended by it before it is judged: a check reads it as if AWS told of
more. ``told_since`` says since when AWS itself tells, ``is_remembered`` of what it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from findings.facts.base import Fact

F = TypeVar("F", bound="Fact")
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Happening:
    """The entries of one field: when each was, and what makes it the same as one told before."""

    at: Callable[[Any], datetime | None]
    same: Callable[[Any], Hashable]

    def joined(self, older: Iterable[Any], newer: Iterable[Any]) -> tuple[Any, ...]:
        """Oldest first; of what both tell the newer holds."""
        told = tuple(newer)
        known = {self.same(entry) for entry in told}
        found = [*(entry for entry in older if self.same(entry) not in known), *told]
        return tuple(sorted(found, key=lambda entry: (self._at(entry), str(self.same(entry)))))

    def until(self, instant: datetime, entries: Iterable[Any]) -> list[Any]:
        return [entry for entry in entries if self._at(entry) <= instant]

    def since(self, instant: datetime, entries: Iterable[Any]) -> tuple[Any, ...]:
        """What has no instant stays."""
        return tuple(e for e in entries if (at := self.at(e)) is None or at >= instant)

    def _at(self, entry: Any) -> datetime:
        return self.at(entry) or _EVER


@dataclass(frozen=True)
class History:
    """``since`` names the field that says from when all is told; None in it stands for ever."""

    since: str
    of: Mapping[str, Happening]

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.since, *self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """All that happened from an instant (None: from ever) to another, by field."""

    since: datetime | None
    until: datetime
    entries: Mapping[str, tuple[Any, ...]]

    def follows(self, other: Past) -> bool:
        """Whether it goes on where the other ended, or before: nothing in between is missing."""
        return self.since is None or self.since <= other.until


def past_of(fact: Fact, at: datetime) -> Past | None:
    """What a fact that was collected at an instant tells; None where part of it is not known."""
    history = type(fact).kept
    if history is None or set(history.fields) & set(fact.gaps):
        return None
    entries = {name: of.joined((), getattr(fact, name)) for name, of in history.of.items()}
    return Past(since=getattr(fact, history.since), until=at, entries=entries)


def joined(history: History, one: Past, other: Past) -> Past:
    """What is known by both. Across a hole only the later counts: who knows what was in between?"""
    older, newer = sorted((one, other), key=lambda past: past.until)
    if not newer.follows(older):
        return newer
    return Past(
        since=_earlier(older.since, newer.since),
        until=newer.until,
        entries=_entries(history, older.entries, newer.entries),
    )


def shortened(history: History, past: Past, since: datetime) -> Past:
    """Without what was before an instant."""
    entries = {name: of.since(since, past.entries[name]) for name, of in history.of.items()}
    is_whole = past.since is None and entries == past.entries
    return replace(
        past, since=None if is_whole else max(past.since or since, since), entries=entries
    )


def extended(fact: F, past: Past, at: datetime) -> F:
    """The fact, collected at an instant, with what was before; as it is where that tells no more.

    What the past tells of later is left out: a late fact is judged by what was known at its time.
    """
    history, seen = type(fact).kept, past_of(fact, at)
    if history is None or seen is None or not (seen.follows(past) and past.follows(seen)):
        return fact
    before = {name: of.until(at, past.entries[name]) for name, of in history.of.items()}
    since = _earlier(past.since, seen.since)
    entries = _entries(history, before, seen.entries)
    if since == seen.since and all(len(entries[n]) == len(seen.entries[n]) for n in entries):
        return fact
    values = {f.name: fact.gaps.get(f.name, fact.__dict__.get(f.name)) for f in fields(fact)}
    found = type(fact)(**(values | entries | {history.since: since}))
    if since != seen.since:
        found.__dict__["_told_since"] = seen.since
    told = {name: {of.same(e) for e in seen.entries[name]} for name, of in history.of.items()}
    found.__dict__["_remembered"] = frozenset(
        (name, key)
        for name, of in history.of.items()
        for entry in entries[name]
        if (key := of.same(entry)) not in told[name]
    )
    return found


def _entries(
    history: History, older: Mapping[str, Iterable[Any]], newer: Mapping[str, Iterable[Any]]
) -> dict[str, tuple[Any, ...]]:
    return {name: of.joined(older[name], newer[name]) for name, of in history.of.items()}


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else min(one, other)
