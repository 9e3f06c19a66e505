"""Days as instants, also those that people write for "ever"."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.days import day_begins, day_ends

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_day_lasts_from_its_midnight_to_the_next():
    day = date(2026, 3, 29)  # an hour shorter there
    assert day_begins(day, BERLIN) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert day_ends(day, BERLIN) == datetime(2026, 3, 29, 22, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14", "UTC"])
@pytest.mark.parametrize("day", [date.min, date.max, date.max - timedelta(days=1)])
def test_the_first_and_the_last_day_have_instants_in_utc(day, zone):
    begins, ends = day_begins(day, ZoneInfo(zone)), day_ends(day, ZoneInfo(zone))
    assert begins.astimezone(UTC) < ends.astimezone(UTC)
    assert (begins.year, ends.year) == (day.year, day.year)
