"""When a notification is told (pure)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from findings.notifying.events import Mode

DIGEST_AT = time(8, 0)
"""Of the reader's day; a weekly digest is told on Monday."""
SPACING = timedelta(minutes=10)
"""Between two messages by one channel: what happens meanwhile goes into the next one."""
SCAN_PATIENCE = timedelta(hours=2)
"""What a scan finds is told in one message at its end, or after so long."""


def due_at(mode: Mode, *, now: datetime, zone: str) -> datetime:
    """When what happens now is told, in UTC or the zone's own offset."""
    if mode not in (Mode.DAILY, Mode.WEEKLY):
        return now
    local = now.astimezone(ZoneInfo(zone))
    day = local.date()
    if mode is Mode.WEEKLY:
        day += timedelta(days=-day.weekday() % 7)
    step = timedelta(days=7 if mode is Mode.WEEKLY else 1)
    while (due := datetime.combine(day, DIGEST_AT, tzinfo=ZoneInfo(zone))) <= now:
        day += step
    return due
