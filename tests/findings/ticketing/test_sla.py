import datetime as dt

import pytest

from findings.ticketing.sla import days_of, due_date, standing

NOW = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def test_the_rule_for_the_environment_goes_before_the_one_for_all_and_the_default():
    rules = {("high", "production"): 5, ("high", ""): 60, ("low", ""): None}
    asked = [("high", "production"), ("high", "sandbox"), ("low", "production"), ("critical", "")]
    assert [days_of(rules, *one) for one in asked] == [5, 60, None, 7]
    assert days_of({}, "informational", "") is None


def test_a_day_is_one_of_the_organization():
    assert due_date(NOW, 7, "UTC") == dt.date(2026, 3, 9)
    assert due_date(NOW, 7, "Asia/Tokyo") == dt.date(2026, 3, 10)
    assert due_date(NOW, None, "UTC") is None


@pytest.mark.parametrize(
    ("days", "closed", "verified", "told"),
    [
        (10, None, False, "on_time"),
        (3, None, False, "breaching_soon"),
        (0, None, False, "breaching_soon"),
        (-1, None, False, "breached"),
        (0, NOW, True, "met"),
        (0, NOW, False, "stopped"),
        (-1, NOW, True, "breached"),
    ],
)
def test_only_a_verified_close_in_time_meets_it(days, closed, verified, told):
    due = NOW.date() + days * DAY
    assert standing(due, time_zone="UTC", now=NOW, closed_at=closed, is_verified=verified) == told
    assert standing(None, time_zone="UTC", now=NOW) == "not_due"
