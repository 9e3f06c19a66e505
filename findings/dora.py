"""The four figures of DORA over changes of production: pure arithmetic, no verdict.

Each figure tells over how many of what, in which window and by which method it was taken; without
any it has no value, which is not zero.
Source: https://dora.dev/guides/dora-metrics-four-keys/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One attempt to bring something to production, which has ended.

    ``began_at`` is when its delivery began, ``committed_at`` when what it brings was committed, as
    far as that is known. ``failed_at`` is when it first failed, though a retry may have made it
    succeed in the end.
    """

    id: str
    began_at: datetime
    ended_at: datetime
    succeeded: bool
    committed_at: datetime | None = None
    failed_at: datetime | None = None

    @property
    def has_failed(self) -> bool:
        return not self.succeeded or self.failed_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From an instant up to and including another, which is later."""

    since: datetime
    until: datetime

    def __contains__(self, instant: object) -> bool:
        return isinstance(instant, datetime) and self.since <= instant <= self.until

    @property
    def weeks(self) -> float:
        return (self.until - self.since) / WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """``value`` over ``n`` of something in a window; None where there is nothing to take it of."""

    value: float | None
    n: int
    window: Window
    method: str


def deployment_frequency(changes: Iterable[Change], window: Window) -> Figure:
    """Successful changes a week."""
    n = sum(change.succeeded for change in changes if change.ended_at in window)
    value = n / window.weeks if window.weeks > 0 else None
    return Figure(value=value, n=n, window=window, method="successful changes a week")


def frequency_level(per_week: float) -> str:
    """The word for a frequency: daily, weekly, monthly or rarer."""
    levels = {"daily": 7, "weekly": 1, "monthly": 7 / 30}
    return next((word for word, least in levels.items() if per_week >= least), "rarer")


def lead_time(changes: Iterable[Change], window: Window) -> Figure:
    """The median of hours from a commit to production.

    Where the commit's time is not known the start of its delivery stands for it, which is later:
    the method says for how many.
    """
    chosen = [change for change in changes if change.succeeded and change.ended_at in window]
    guessed = sum(change.committed_at is None for change in chosen)
    times = [change.ended_at - (change.committed_at or change.began_at) for change in chosen]
    approximate = f", {guessed} of {len(chosen)} from the start of their delivery" * bool(guessed)
    return Figure(
        value=_median(times),
        n=len(chosen),
        window=window,
        method=f"median hours from commit to production{approximate}",
    )


def change_failure_rate(
    changes: Iterable[Change], rollbacks: Iterable[datetime], window: Window
) -> Figure:
    """Percent of changes that failed or were taken back.

    A rollback takes back the last change that ended before it, whether or not that had failed.
    """
    return change_failure_rate_of([(changes, rollbacks)], window)


def change_failure_rate_of(
    histories: Iterable[tuple[Iterable[Change], Iterable[datetime]]], window: Window
) -> Figure:
    """The same over several histories: a rollback takes back a change of its own alone."""
    counted = [_failed_of(changes, rollbacks, window) for changes, rollbacks in histories]
    bad, n = sum(failed for failed, _ in counted), sum(number for _, number in counted)
    return Figure(
        value=100 * bad / n if n else None,
        n=n,
        window=window,
        method=f"percent: {bad} of {n} changes failed or were taken back",
    )


def _failed_of(
    changes: Iterable[Change], rollbacks: Iterable[datetime], window: Window
) -> tuple[int, int]:
    """How many of the changes in the window failed or were taken back, and how many there are."""
    known = sorted(changes, key=lambda change: (change.ended_at, change.id))
    taken_back = {
        before[-1].id
        for at in rollbacks
        if (before := [change for change in known if change.ended_at <= at])
    }
    chosen = [change for change in known if change.ended_at in window]
    bad = sum(change.has_failed or change.id in taken_back for change in chosen)
    return bad, len(chosen)


@dataclass(frozen=True, slots=True)
class Failure:
    """From when something failed to when it worked again; None where it does not yet."""

    began_at: datetime
    restored_at: datetime | None


def time_to_restore(failures: Iterable[Failure], window: Window) -> Figure:
    """The median of hours from failing to working again, of what was restored in the window."""
    times = [f.restored_at - f.began_at for f in failures if f.restored_at in window]  # type: ignore[operator]  # in the window it is an instant
    return Figure(
        value=_median(times),
        n=len(times),
        window=window,
        method="median hours from failing to working again",
    )


def events_of(changes: Iterable[Change]) -> Iterator[tuple[datetime, bool]]:
    """When changes failed and when they worked: a retry that succeeds restores what had failed."""
    for change in changes:
        if change.has_failed:
            yield change.failed_at or change.ended_at, False
        if change.succeeded:
            yield change.ended_at, True


def failures_of(events: Iterable[tuple[datetime, bool]]) -> list[Failure]:
    """From each event that failed (instant, worked) after one that worked to the next that does.

    Only the last may not be restored yet.
    """
    found: list[Failure] = []
    failing_since: datetime | None = None
    for at, worked in sorted(events, key=lambda event: (event[0], not event[1])):
        if not worked:
            failing_since = failing_since or at
        elif failing_since is not None:
            found.append(Failure(failing_since, at))
            failing_since = None
    return [*found, Failure(failing_since, None)] if failing_since else found


def _median(times: Sequence[timedelta]) -> float | None:
    return median(time / HOUR for time in times) if times else None
