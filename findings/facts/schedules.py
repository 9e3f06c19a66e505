"""How often Systems Manager runs what is scheduled: rate and cron expressions.

https://docs.aws.amazon.com/systems-manager/latest/userguide/reference-cron-and-rate-expressions.html
"""

from __future__ import annotations

import re
from datetime import timedelta

_RATE = re.compile(r"rate\((\d+)\s+(minute|hour|day)s?\)")
_CRON = re.compile(r"cron\(([^()]*)\)")
DAY = timedelta(days=1)
WEEK, MONTH, YEAR = 7 * DAY, 31 * DAY, 366 * DAY
MONTH_BY_WEEKDAY = 35 * DAY
"""From the first Sunday of a month to that of the next one are four or five weeks."""


def longest_period(expression: str) -> timedelta | None:
    """The longest time from one run to the next; None where there is at most one, or it is unknown.

    A cron expression counts in days: what runs several times a day runs once in any of them.
    """
    expression = expression.strip()
    if rate := _RATE.fullmatch(expression):
        return int(rate[1]) * timedelta(**{f"{rate[2]}s": 1})
    if cron := _CRON.fullmatch(expression):
        return _period_of(cron[1].split())
    return None


def _period_of(fields: list[str]) -> timedelta | None:
    """Of the fields of a cron expression; maintenance windows may have one of seconds in front."""
    if len(fields) == 7:
        fields = fields[1:]
    if len(fields) == 5:
        fields = [*fields, "*"]
    if len(fields) != 6:
        return None
    _, _, day, month, weekday, year = fields
    if year != "*":
        return None
    if month != "*":
        return YEAR
    if "#" in weekday or "L" in weekday:
        return MONTH_BY_WEEKDAY
    if weekday not in ("*", "?"):
        return WEEK
    return DAY if day in ("*", "?") else MONTH
