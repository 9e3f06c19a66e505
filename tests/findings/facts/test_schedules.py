"""How often schedules of Systems Manager run."""

from datetime import timedelta

import pytest

from findings.facts.schedules import longest_period

PERIODS = [
    ("rate(30 minutes)", timedelta(minutes=30)),
    ("rate(1 hour)", timedelta(hours=1)),
    ("rate(7 days)", timedelta(days=7)),
    (" rate(1 day) ", timedelta(days=1)),
    ("cron(0 2 * * ? *)", timedelta(days=1)),
    ("cron(0/30 * ? * * *)", timedelta(days=1)),
    ("cron(0 2 ? * SUN *)", timedelta(days=7)),
    ("cron(0 2 ? * MON-FRI *)", timedelta(days=7)),
    ("cron(0 2 ? * SUN#2 *)", timedelta(days=35)),
    ("cron(0 2 ? * 3L *)", timedelta(days=35)),
    ("cron(0 2 1 * ? *)", timedelta(days=31)),
    ("cron(0 2 1 1,7 ? *)", timedelta(days=366)),
    ("cron(0 0 2 ? * TUE *)", timedelta(days=7)),
    ("cron(0 2 ? * SUN)", timedelta(days=7)),
]


def test_the_longest_time_between_two_runs():
    found = [(expression, period, longest_period(expression)) for expression, period in PERIODS]
    wrong = [
        f"{expression}: {period}, not {told}"
        for expression, period, told in found
        if told != period
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "expression",
    ["", "at(2026-01-05T02:00:00)", "cron(0 2 1 1 ? 2026)", "cron(0 2)", "rate(1 moon)", "daily"],
)
def test_what_runs_once_or_is_no_schedule_has_none(expression):
    assert longest_period(expression) is None
