"""Outcomes of checks, and how the parts of a condition combine by Kleene's three-valued logic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, overload

from findings.facts.base import Gap, Listing, NotCollected

T = TypeVar("T")
NONE = "there is none"


class Status(StrEnum):
    """The four outcomes. There is no fifth."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Part:
    """One clause of a condition and how it came out."""

    name: str
    status: Status
    message: str = ""
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check says of one thing. Messages hold dates and counts, never ages."""

    status: Status
    message: str = ""
    parts: tuple[Part, ...] = ()
    gaps: tuple[Gap, ...] = ()


def passed(message: str = "") -> Outcome:
    return Outcome(Status.PASS, message)


def failed(message: str) -> Outcome:
    return Outcome(Status.FAIL, message)


def not_applicable(message: str) -> Outcome:
    return Outcome(Status.NOT_APPLICABLE, message)


def unknown(*gaps: Gap) -> Outcome:
    return Outcome(Status.UNKNOWN, "; ".join(str(gap) for gap in gaps), gaps=gaps)


def outcome(holds: bool, message: str = "") -> Outcome:
    """Pass or fail, with a message that is true of both."""
    if message:
        return Outcome(Status.PASS if holds else Status.FAIL, message)
    return _HOLDS if holds else _HOLDS_NOT


_HOLDS, _HOLDS_NOT = Outcome(Status.PASS), Outcome(Status.FAIL)


def part(name: str, condition: Callable[[], bool | Outcome]) -> Part:
    """One named clause; what it cannot read makes this clause unknown, and only this one."""
    judged = judge(condition)
    return Part(name, judged.status, judged.message, judged.gaps)


def judge(condition: Callable[[], bool | Outcome]) -> Outcome:
    """The outcome of a condition, *unknown* where it reads what was not collected."""
    try:
        value = condition()
    except NotCollected as missing:
        return unknown(*missing.gaps)
    return value if isinstance(value, Outcome) else outcome(value)


def all_of(*parts: Part, message: str = "") -> Outcome:
    """Fails if one part fails, else unknown if one is unknown, else passes.

    Parts that do not apply do not count; if none applies, neither does the whole.
    """
    return _combine(parts, decisive=Status.FAIL, otherwise=Status.PASS, message=message)


@overload
def any_of(*parts: Part, message: str = "") -> Outcome: ...
@overload
def any_of(
    items: Iterable[T],
    test: Callable[[T], bool | Outcome],
    /,
    *,
    message: str = "",
    none: str = NONE,
) -> Outcome: ...
def any_of(*arguments, message: str = "", none: str = NONE) -> Outcome:  # type: ignore[no-untyped-def]  # overloaded above
    """Passes if one passes, else unknown if one is unknown, else fails.

    Over a listing, the parts reported are those of the item that comes nearest to passing, and a
    gap in the listing counts as an item of unknown outcome. Over nothing at all it fails, with the
    message ``none``.
    """
    if len(arguments) == 2 and not isinstance(arguments[0], Part):
        return _any_item(*arguments, message=message, none=none)
    return _combine(arguments, decisive=Status.PASS, otherwise=Status.FAIL, message=message)


def at_least(count: float, items: Iterable[T], test: Callable[[T], bool | Outcome], /) -> Outcome:
    """Passes if so many items pass, else unknown if so many still could, else fails."""
    outcomes, gaps = _judge_items(items, test)
    statuses = [found.status for found in outcomes]
    passing, open_ = statuses.count(Status.PASS), statuses.count(Status.UNKNOWN)
    if passing >= count:
        return passed(f"{passing} found")
    if gaps or passing + open_ >= count:
        return unknown(*(gap for found in outcomes for gap in found.gaps), *gaps)
    failing = [found for found in outcomes if found.status is Status.FAIL]
    nearest = max(failing, key=_nearness, default=None)
    told = f"; nearest: {nearest.message}" if nearest is not None and nearest.message else ""
    parts = nearest.parts if nearest is not None else ()
    return Outcome(Status.FAIL, f"{passing} found, {count:g} expected{told}", parts)


def every(
    items: Iterable[T], test: Callable[[T], bool | Outcome], /, *, message: str = ""
) -> Outcome:
    """Fails if one item fails, else unknown if one is unknown or the listing has a gap.

    What several items say in the same words is told once.
    """
    outcomes, gaps = _judge_items(items, test)
    failing = [found for found in outcomes if found.status is Status.FAIL]
    if failing:
        told = "; ".join(sorted({found.message for found in failing if found.message}))
        return Outcome(Status.FAIL, message or told, failing[0].parts)
    missing = [gap for found in outcomes for gap in found.gaps] + list(gaps)
    if missing or any(found.status is Status.UNKNOWN for found in outcomes):
        return unknown(*missing)
    return passed(message)


def _combine(
    parts: tuple[Part, ...], *, decisive: Status, otherwise: Status, message: str
) -> Outcome:
    statuses = {found.status for found in parts}
    gaps = tuple(gap for found in parts for gap in found.gaps)
    if decisive in statuses:
        status = decisive
    elif Status.UNKNOWN in statuses:
        status = Status.UNKNOWN
    elif otherwise in statuses:
        status = otherwise
    else:
        status = Status.NOT_APPLICABLE
    return Outcome(
        status,
        message or _explain(status, parts),
        tuple(parts),
        gaps if status is Status.UNKNOWN else (),
    )


def _explain(status: Status, parts: tuple[Part, ...]) -> str:
    if status is Status.PASS:
        return ""
    told = [f"{p.name}: {p.message}" if p.message else p.name for p in parts if p.status is status]
    words = {Status.FAIL: "not met", Status.UNKNOWN: "not known"}
    return f"{words.get(status, 'does not apply')}: {'; '.join(sorted(told))}"


def _any_item(
    items: Iterable[T], test: Callable[[T], bool | Outcome], *, message: str, none: str
) -> Outcome:
    outcomes, gaps = _judge_items(items, test)
    nearest = max(outcomes, key=_nearness, default=None)
    if nearest is not None and nearest.status is Status.PASS:
        return Outcome(Status.PASS, message or nearest.message, nearest.parts)
    if gaps or any(found.status is Status.UNKNOWN for found in outcomes):
        missing = [gap for found in outcomes for gap in found.gaps] + list(gaps)
        unsure = next((o for o in outcomes if o.status is Status.UNKNOWN), None)
        return Outcome(
            Status.UNKNOWN,
            "; ".join(str(gap) for gap in missing),
            unsure.parts if unsure else (),
            tuple(missing),
        )
    if nearest is None:
        return failed(message or none)
    return Outcome(Status.FAIL, message or nearest.message, nearest.parts)


def _judge_items(
    items: Iterable[T], test: Callable[[T], bool | Outcome]
) -> tuple[list[Outcome], tuple[Gap, ...]]:
    known: Iterable[T] = items.known if isinstance(items, Listing) else items
    gaps = items.gaps if isinstance(items, Listing) else ()
    return [judge(lambda item=item: test(item)) for item in known], gaps  # type: ignore[misc]


def _nearness(found: Outcome) -> tuple[int, int]:
    """How close to passing; ties keep the order of the listing, which is by identity."""
    met = sum(p.status is Status.PASS for p in found.parts)
    return _NEARNESS[found.status], met


_NEARNESS = {Status.NOT_APPLICABLE: 0, Status.FAIL: 1, Status.UNKNOWN: 2, Status.PASS: 3}
