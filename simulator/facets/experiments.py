"""Fault experiments of an account."""

from datetime import timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.facets.production import in_production, is_production
from simulator.places import AccountPlace, Place
from simulator.shapes import Undocumented

experiments = Facet("fis.experiments", level=ACCOUNT)

RAN = "fis_experiment_run_recently"
PERIOD = timedelta(days=120)
MOMENT = timedelta(microseconds=1)


def _put(place: Place, days: float, status: str = "completed", **changed: Any) -> None:
    place.put(
        "fis.experiments",
        {
            "id": f"EXP{place.hexadecimal(f'experiment {status} {days}', 14)}",
            "experimentTemplateId": "EXT0123456789abcd",
            "state": {"status": status, "reason": "Experiment completed."},
            "creationTime": place.ago(days=days),
            "tags": {},
            "experimentOptions": {"actionsMode": "run-all"},
            **changed,
        },
    )


def _expect_until(account: AccountPlace, days: float) -> None:
    if is_production(account.account):
        end = account.ago(days=days) + PERIOD + MOMENT
        account.expect(RAN, "pass", until=end, then="fail")
    else:
        account.expect(RAN, "not_applicable")


@experiments.variant("none", characters={"new": 3, "neglected": 3, "ordinary": 2})
def no_experiment(account: AccountPlace) -> None:
    account.expect(RAN, in_production(account, "fail"))


@experiments.variant("completed", characters={"exemplary": 3, "ordinary": 1, "locked_down": 2})
def completed(account: AccountPlace) -> None:
    """The newest one failed; an older one without options ran all its actions."""
    _put(account.home, 3, "failed")
    _put(account.home, 20, experimentOptions=None)
    _expect_until(account, 20)


@experiments.variant("at_the_limit", characters={"exemplary": 1, "ordinary": 1})
def at_the_limit(account: AccountPlace) -> None:
    """In another region than the home region."""
    _put(account.regions()[min(1, len(account.regions()) - 1)], 120)
    _expect_until(account, 120)


@experiments.variant("not_completed", characters={"neglected": 1, "ordinary": 1})
def not_completed(account: AccountPlace) -> None:
    for days, status in enumerate(("pending", "running", "stopped", "failed", "cancelled"), 1):
        _put(account.home, days, status)
    account.expect(RAN, in_production(account, "fail"))


@experiments.variant("without_actions", characters={"ordinary": 1})
def without_actions(account: AccountPlace) -> None:
    """Only the targets were resolved."""
    _put(account.home, 2, experimentOptions={"actionsMode": "skip-all"})
    account.expect(RAN, in_production(account, "fail"))


@experiments.variant("otherwise", characters=RARELY)
def otherwise(account: AccountPlace) -> None:
    _put(account.home, 2, Undocumented("paused"))
    account.expect(RAN, in_production(account, "fail"))
