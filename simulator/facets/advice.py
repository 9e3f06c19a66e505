"""What Trusted Advisor and the Well-Architected Tool find, and what is done about it."""

from datetime import timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.facets.stack_records import MOMENT
from simulator.operations.trustedadvisor import PLANS, RECOMMENDATIONS
from simulator.operations.wellarchitected import WORKLOADS
from simulator.places import AccountPlace

advice = Facet("advice", level=ACCOUNT)

RESOLVED = "advisor_operational_findings_resolved"
SIXTY_DAYS = timedelta(days=60)
OPERATIONS = "operational_excellence"


def _recommend(
    account: AccountPlace, name: str, pillar: str = OPERATIONS, status: str = "error", **fields: Any
) -> None:
    identity = account.uuid(f"recommendation {name}")
    account.put(
        RECOMMENDATIONS,
        {
            "id": identity,
            "arn": account.arn("trustedadvisor", f"recommendation/{identity}"),
            "type": "priority" if "createdAt" in fields else "standard",
            "status": status,
            "pillars": [pillar],
            "source": "ta_check",
            "name": name,
            "resourcesAggregates": {"okCount": 3, "warningCount": 0, "errorCount": 2},
            "lastUpdatedAt": account.moving(hours=4),
            **fields,
        },
    )


def _review(
    account: AccountPlace, name: str, counts: dict[str, int] | None, status: str, owner: str = ""
) -> None:
    place = account.home
    place.put(
        WORKLOADS,
        {
            "WorkloadId": place.hexadecimal(f"workload {name}", 32),
            "WorkloadArn": place.arn("wellarchitected", f"workload/{name}"),
            "WorkloadName": name,
            "Owner": owner or account.account.id,
            "RiskCounts": counts,
            "ImprovementStatus": status,
        },
    )


@advice.variant("none", characters={"ordinary": 2, "new": 2})
def none(account: AccountPlace) -> None:
    """Another pillar's errors and what is less than an error do not count."""
    account.expect(RESOLVED, "pass")
    _recommend(account, "Security groups", "security")
    _recommend(account, "Log retention", status="warning")


@advice.variant("worked_on", characters={"exemplary": 3, "ordinary": 1})
def worked_on(account: AccountPlace) -> None:
    """What is old is dismissed or resolved; the rest will be too old a second after two months."""
    created = account.ago(days=40)
    until = created + SIXTY_DAYS + MOMENT
    account.expect(RESOLVED, "pass", until=until, then="fail")
    _recommend(account, "Deprecated runtimes", createdAt=created, lifecycleStage="in_progress")
    for stage in ("dismissed", "resolved"):
        old = account.ago(days=300)
        _recommend(account, f"Alarms {stage}", createdAt=old, lifecycleStage=stage)
    _review(account, "shop", {"HIGH": 2, "NONE": 9}, "IN_PROGRESS")
    _review(account, "ledger", {"NONE": 50}, "NOT_APPLICABLE")
    _review(account, "shared", {"HIGH": 9}, "NOT_STARTED", owner="999999999999")


@advice.variant("left_lying", characters={"neglected": 2, "ordinary": 1})
def left_lying(account: AccountPlace) -> None:
    account.expect(RESOLVED, "fail")
    _recommend(account, "Alarms", createdAt=account.ago(days=60, seconds=1))


@advice.variant("not_looked_at", characters={"neglected": 1})
def not_looked_at(account: AccountPlace) -> None:
    """AWS wrote of it last a long time ago, so it is at least as old."""
    account.expect(RESOLVED, "fail")
    _recommend(account, "Alarms", lastUpdatedAt=account.ago(days=90))


@advice.variant("at_risk", characters={"neglected": 1, "locked_down": 1})
def at_risk(account: AccountPlace) -> None:
    """The third workload, on the second page."""
    account.expect(RESOLVED, "fail")
    for name in ("shop", "ledger"):
        _review(account, name, {"HIGH": 1}, "RISK_ACKNOWLEDGED")
    _review(account, "search", {"HIGH": 3, "MEDIUM": 1}, "NOT_STARTED")


@advice.variant("without_plan", characters={"new": 2, "locked_down": 1})
def without_plan(account: AccountPlace) -> None:
    account.expect(RESOLVED, "unknown")
    account.put(PLANS, {})


@advice.variant("age_not_told", characters=RARELY)
def age_not_told(account: AccountPlace) -> None:
    account.expect(RESOLVED, "unknown")
    _recommend(account, "Alarms")


@advice.variant("risks_not_told", characters=RARELY)
def risks_not_told(account: AccountPlace) -> None:
    account.expect(RESOLVED, "unknown")
    _review(account, "shop", None, "NOT_APPLICABLE")
