"""How many rules an account does not comply with, and since when.

They stand in the home region and are Security Hub's, which says nothing of other checks of rules.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.facets.config_rules import SECURITY_HUB, put_rule
from simulator.places import AccountPlace

backlog = Facet("config.backlog", level=ACCOUNT)

WITHIN = "config_noncompliant_backlog_within_limit"
MONTH = timedelta(days=30)
MOMENT = timedelta(microseconds=1)
Time = datetime | Callable[[], datetime] | None


def _put(account: AccountPlace, compliance: str, number: int = 0, **members: Any) -> None:
    name = f"securityhub-{compliance.lower().replace('_', '-')}-{number}"
    put_rule(account.home, name, CreatedBy=SECURITY_HUB, _compliance=compliance, **members)


def _put_compliant(account: AccountPlace, count: int) -> None:
    for number in range(count):
        _put(account, "COMPLIANT", number)


def _put_backlog(account: AccountPlace, *times: Time) -> None:
    _put(account, "NON_COMPLIANT", _results=list(times))


@backlog.variant("none", characters={"ordinary": 3, "new": 3, "neglected": 1, "locked_down": 1})
def none(account: AccountPlace) -> None:
    account.expect(WITHIN, "not_applicable")


@backlog.variant("compliant", characters={"exemplary": 2, "ordinary": 1})
def compliant(account: AccountPlace) -> None:
    _put_compliant(account, 2)
    account.expect(WITHIN, "pass")


@backlog.variant("within", characters={"exemplary": 2, "ordinary": 1})
def within(account: AccountPlace) -> None:
    """One rule of ten, and results that grow too old."""
    at = account.ago(days=29)
    _put_compliant(account, 9)
    _put_backlog(account, account.ago(days=3), at, account.ago(hours=1))
    account.expect(WITHIN, "pass", until=at + MONTH + MOMENT, then="fail")


@backlog.variant("too_many", characters={"neglected": 1, "ordinary": 1})
def too_many(account: AccountPlace) -> None:
    """One rule of nine."""
    _put_compliant(account, 8)
    _put_backlog(account, account.ago(days=1))
    account.expect(WITHIN, "fail")


@backlog.variant("too_old", characters={"neglected": 2, "ordinary": 1})
def too_old(account: AccountPlace) -> None:
    _put_compliant(account, 9)
    _put_backlog(account, account.ago(days=1), account.ago(days=30, seconds=1))
    account.expect(WITHIN, "fail")


@backlog.variant("nothing_evaluated", characters={"new": 1, "locked_down": 1})
def nothing_evaluated(account: AccountPlace) -> None:
    _put(account, "INSUFFICIENT_DATA")
    _put(account, "NOT_APPLICABLE")
    account.expect(WITHIN, "not_applicable")


@backlog.variant("not_told", characters=RARELY)
def not_told(account: AccountPlace) -> None:
    """Since when one resource does not comply is not told."""
    _put_compliant(account, 9)
    _put_backlog(account, account.moving(days=1), None)
    account.expect(WITHIN, "unknown")
