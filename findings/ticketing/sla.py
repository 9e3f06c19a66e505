"""By when a finding is to be remedied (pure). A day is one of the organization's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from findings.catalogue.pillar import Severity

Days = int | None
"""None: never due."""
Rules = Mapping[tuple[str, str], Days]
"""(severity, environment, or "" for all others) -> days."""

DEFAULT: Mapping[str, Days] = MappingProxyType(
    {
        Severity.CRITICAL: 7,
        Severity.HIGH: 30,
        Severity.MEDIUM: 90,
        Severity.LOW: 180,
        Severity.INFORMATIONAL: None,
    }
)
SOON = timedelta(days=3)


class Standing(StrEnum):
    """How an episode stands by its due date."""

    NOT_DUE = "not_due"
    ON_TIME = "on_time"
    SOON = "breaching_soon"
    BREACHED = "breached"
    MET = "met"
    STOPPED = "stopped"
    """It closed in another way than by a remedy, before it was due."""


def days_of(rules: Rules, severity: str, environment: str) -> Days:
    """The rule for the environment, else the one for all, else the default."""
    for key in ((severity, environment), (severity, "")):
        if key in rules:
            return rules[key]
    return DEFAULT.get(severity)


def due_date(clock_starts_at: datetime, days: Days, time_zone: str) -> date | None:
    """The last day on which it is in time."""
    if days is None:
        return None
    return clock_starts_at.astimezone(ZoneInfo(time_zone)).date() + timedelta(days=days)


def standing(
    due: date | None,
    *,
    time_zone: str,
    now: datetime,
    closed_at: datetime | None = None,
    is_verified: bool = False,
) -> Standing:
    """Only a verified close meets it; another stops the clock."""
    if due is None:
        return Standing.NOT_DUE
    day = (closed_at or now).astimezone(ZoneInfo(time_zone)).date()
    if day > due:
        return Standing.BREACHED
    if closed_at is not None:
        return Standing.MET if is_verified else Standing.STOPPED
    return Standing.SOON if due - day <= SOON else Standing.ON_TIME
