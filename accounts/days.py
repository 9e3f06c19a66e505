"""Days of a time zone as instants (pure)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

FIRST, LAST = date(1, 1, 3), date(9999, 12, 28)
"""They stand in for those before and after, which people write for "ever": not every zone has an
instant of UTC for them.
"""


def day_begins(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(_within(day), time.min, tzinfo=zone)


def day_ends(day: date, zone: tzinfo) -> datetime:
    """The first instant after it."""
    return datetime.combine(_within(day) + timedelta(days=1), time.min, tzinfo=zone)


def _within(day: date) -> date:
    return min(max(day, FIRST), LAST)
