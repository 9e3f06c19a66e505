"""When a schedule runs next: cron expressions in a time zone, with jitter.

On the day that has no 02:30 a job of 02:30 runs at 03:00; on the day that has two it runs once, and
hourly jobs run in both hours (as Debian's cron does).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from accounts.time_zones import time_zones

_FIELDS = "five fields (minute, hour, day, month, weekday), for example 0 3 * * * for 03:00 daily"


class ScheduleError(ValueError):
    """A cron expression or time zone that cannot be used; the message says what can."""


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """A checked cron expression and time zone. Raises :class:`ScheduleError`."""

    cron: str
    time_zone: str = "UTC"
    jitter: timedelta = timedelta()

    def __post_init__(self) -> None:
        if self.time_zone not in time_zones():
            raise ScheduleError(
                f"{self.time_zone!r} is not a time zone. Use a name such as UTC or Europe/Paris."
            )
        if len(self.cron.split()) != 5:
            raise ScheduleError(f"{self.cron!r} is not a cron expression. Give {_FIELDS}.")
        _occurrence(self, datetime.now(UTC))

    def next_run(self, after: datetime, *, seed: str = "") -> datetime:
        """The first run after an instant, in UTC; the seed decides the moment within the jitter."""
        occurrence = _occurrence(self, after)
        return occurrence + self._delay(f"{seed} {occurrence.isoformat()}")

    def _delay(self, seed: str) -> timedelta:
        seconds = int(self.jitter.total_seconds())
        if not seconds:
            return timedelta()
        number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
        return timedelta(seconds=number % (seconds + 1))


def next_runs(timetable: Timetable, after: datetime, number: int) -> list[datetime]:
    """The next times of the expression itself, in UTC, without jitter."""
    runs: list[datetime] = []
    for _ in range(number):
        after = _occurrence(timetable, after)
        runs.append(after)
    return runs


def _occurrence(timetable: Timetable, after: datetime) -> datetime:
    local = after.astimezone(ZoneInfo(timetable.time_zone))
    try:
        return next(CronSim(timetable.cron, local)).astimezone(UTC)
    except CronSimError as error:
        raise ScheduleError(f"{timetable.cron!r}: {error}. Give {_FIELDS}.") from error
    except StopIteration:
        raise ScheduleError(f"{timetable.cron!r} names a day that never comes.") from None
