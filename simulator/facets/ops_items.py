"""Operational items of OpsCenter, by severity and age."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet, account_answers
from simulator.places import AccountPlace, Place

items = Facet("ssm.ops_items", level=ACCOUNT)

IN_TIME = "ssm_opsitem_age_within_limit"
LIMITS = {"1": 1, "2": 7, "3": 30, "4": 90, None: 90}
MOMENT = timedelta(microseconds=1)


def _put(place: Place, days: float, severity: str | None, **changed: Any) -> None:
    place.put(
        "ssm.ops_items",
        {
            "OpsItemId": f"oi-{place.hexadecimal(f'item {severity} {days}', 12)}",
            "Title": "The disk is full",
            "Source": "CloudWatch",
            "Status": "Open",
            "Severity": severity,
            "CreatedTime": place.ago(days=days),
            "CreatedBy": f"arn:aws:sts::{place.account.id}:assumed-role/operator/jane",
            "OpsItemType": "/aws/issue",
            **changed,
        },
    )


@account_answers
def expect(account: AccountPlace, places: Sequence[Place]) -> None:
    """A pass until the first of the open items is too old, whoever put it."""
    ends = [
        item["CreatedTime"] + timedelta(days=LIMITS[item.get("Severity")]) + MOMENT
        for place in places
        for item in place.all("ssm.ops_items")
        if item["Status"] in ("Open", "InProgress")
    ]
    if not ends:
        account.expect(IN_TIME, "pass")
    elif min(ends) <= account.ago():
        account.expect(IN_TIME, "fail")
    else:
        account.expect(IN_TIME, "pass", until=min(ends), then="fail")


@items.variant("none", characters={"exemplary": 1, "new": 3, "locked_down": 2, "ordinary": 1})
def nothing(account: AccountPlace) -> None:
    """Nothing has come up."""


@items.variant("in_time", characters={"exemplary": 2, "ordinary": 2})
def in_time(account: AccountPlace) -> None:
    """One of each severity; what was resolved may be old."""
    for severity, days in LIMITS.items():
        _put(account.home, days / 2, severity)
    _put(account.home, 300, "1", Status="Resolved")


@items.variant("at_the_limit", characters={"ordinary": 1, "locked_down": 1})
def at_the_limit(account: AccountPlace) -> None:
    _put(account.home, 7, "2", Status="InProgress")


@items.variant("old", characters={"neglected": 3, "ordinary": 1})
def old(account: AccountPlace) -> None:
    """In another region than the home region."""
    _put(account.regions()[min(1, len(account.regions()) - 1)], 200, "4")
    _put(account.home, 1 / 2, "1")


@items.variant("a_second_too_old", characters=RARELY)
def a_second_too_old(account: AccountPlace) -> None:
    _put(account.home, 30 + 1 / 86400, "3")


@items.variant("without_severity", characters=RARELY)
def without_severity(account: AccountPlace) -> None:
    _put(account.home, 91, None)
