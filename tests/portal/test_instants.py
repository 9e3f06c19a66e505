from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from portal.instants import InstantField


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        ("2026-03-02T09:00:00Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02T09:00", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02T09:00:00-23:59", datetime(2026, 3, 3, 8, 59, tzinfo=UTC)),
        ("0238-08-24T07:22:07+18:56", datetime(238, 8, 23, 12, 26, 7, tzinfo=UTC)),
    ],
)
def test_an_instant_is_told_in_utc(given, instant):
    found = InstantField().clean(given)
    assert found == instant
    assert found.tzinfo is UTC


def test_none_stays_none():
    assert InstantField(required=False).clean("") is None


@pytest.mark.parametrize(
    "given", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59-10:00", "now", "03/02/2026 09:00"]
)
def test_what_no_calendar_has_is_refused(given):
    with pytest.raises(ValidationError, match="Enter a valid date/time"):
        InstantField().clean(given)
