from datetime import UTC, datetime, timedelta

import pytest

from workers.outgoing.retry_after import retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", timedelta(0)),
        (" 120 ", timedelta(seconds=120)),
        ("1209600", timedelta(days=14)),
        ("9" * 400, timedelta(days=3650)),
        ("Sun, 01 Mar 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Sunday, 01-Mar-26 13:00:00 GMT", timedelta(hours=1)),
        ("Sun Mar  1 13:00:00 2026", timedelta(hours=1)),
        ("Sat, 28 Feb 2026 12:00:00 GMT", timedelta(0)),
    ],
)
def test_seconds_and_dates_of_any_length(value, expected):
    assert retry_after(value, now=NOW) == expected


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "1.5", "²", "\0", "Sun, 99 Xyz 2026"])
def test_what_says_nothing(value):
    assert retry_after(value, now=NOW) is None
