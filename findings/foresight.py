"""Was it known before it broke? What stood of a check at the instant an incident began (pure).

Spans hold from their start and no longer at their end. A check whose facts were there and which
had nothing to say is a class of its own: it was neither foreseen nor blind, and the check may have
to learn something. Where what would tell is no longer kept, or no longer understood, the class is
unknown: it counts neither way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Foresight(StrEnum):
    FORESEEN_OPEN = "foreseen_open"
    FORESEEN_SUPPRESSED = "foreseen_suppressed"
    CLAIMED_FIXED = "claimed_fixed"
    NOTHING_SEEN = "nothing_seen"
    """The check had its facts and said nothing."""
    BLIND_NO_CHECK = "blind_no_check"
    BLIND_NOT_COLLECTED = "blind_not_collected"
    UNKNOWN = "unknown"
    """Nobody can say any more, or not of this account."""

    @property
    def is_foreseen(self) -> bool:
        return self in _FORESEEN


_FORESEEN = frozenset(
    (Foresight.FORESEEN_OPEN, Foresight.FORESEEN_SUPPRESSED, Foresight.CLAIMED_FIXED)
)


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant until, but without, another; without an end it still lasts."""

    start: datetime
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


class Sight(StrEnum):
    """What a check could see of an account where none of its findings was open."""

    NO_CHECK = "no_check"
    NOT_COLLECTED = "not_collected"
    LOOKED = "looked"
    CANNOT_TELL = "cannot_tell"


_CLASSES = {
    Sight.NO_CHECK: Foresight.BLIND_NO_CHECK,
    Sight.NOT_COLLECTED: Foresight.BLIND_NOT_COLLECTED,
    Sight.LOOKED: Foresight.NOTHING_SEEN,
    Sight.CANNOT_TELL: Foresight.UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An episode of a finding, and when in it a fix was claimed or a suppression covered it.

    ``away``: when it was closed, before it came back into scope and the same episode went on.
    """

    span: Span
    away: Sequence[Span] = ()
    claimed: Sequence[Span] = ()
    suppressed: Sequence[Span] = ()

    def holds(self, at: datetime) -> bool:
        return self.span.holds(at) and not any(span.holds(at) for span in self.away)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that there is to know of one check at one place at an instant."""

    opened: Sequence[Opened] = ()
    sight: Sight = Sight.LOOKED


@dataclass(frozen=True, slots=True)
class Judged:
    foresight: Foresight
    warning: timedelta | None = None
    """From the opening of the oldest finding that was open to the beginning of the incident."""


def judge(at: datetime, standing: Standing) -> Judged:
    """The class of what was known at an instant; of several findings the plainest warning counts.

    One that nobody had suppressed or claimed to have fixed goes before the others.
    """
    found = [(_class_of(at, one), one.span.start) for one in standing.opened if one.holds(at)]
    if not found:
        return Judged(_CLASSES[standing.sight])
    order = list(Foresight)
    plainest = min((foresight for foresight, _ in found), key=order.index)
    return Judged(plainest, at - min(start for kind, start in found if kind is plainest))


def _class_of(at: datetime, opened: Opened) -> Foresight:
    if any(span.holds(at) for span in opened.suppressed):
        return Foresight.FORESEEN_SUPPRESSED
    if any(span.holds(at) for span in opened.claimed):
        return Foresight.CLAIMED_FIXED
    return Foresight.FORESEEN_OPEN


def spans_of(turns: Iterable[tuple[datetime, bool]]) -> list[Span]:
    """Spans in which something held, from the instants at which it was looked at, in order."""
    spans: list[Span] = []
    since: datetime | None = None
    for at, holds in turns:
        if holds and since is None:
            since = at
        elif not holds and since is not None:
            spans.append(Span(since, at))
            since = None
    return [*spans, Span(since)] if since is not None else spans


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of ``number`` were foreseen; a share is never told without its number.

    Of ``unknown`` more nobody can say.
    """

    foreseen: int
    number: int
    unknown: int = 0

    @property
    def percent(self) -> int | None:
        return 100 * self.foreseen // self.number if self.number else None


def foresight_rate(confirmed: Iterable[Foresight]) -> Rate:
    classes = list(confirmed)
    unknown = classes.count(Foresight.UNKNOWN)
    return Rate(sum(one.is_foreseen for one in classes), len(classes) - unknown, unknown)
