"""Associations of State Manager: whether nodes comply, and whether they are applied in time."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.places import Place

associations = Facet("ssm.associations")

COMPLIANT = "ssm_association_compliant"
MOMENT = timedelta(microseconds=1)
POLICY = "AWS-QuickSetup-PatchPolicy-ScanForPatches-LA-"


def has_patch_policy(place: Place) -> bool:
    """Whether Quick Setup scans the nodes of the region."""
    found = place.all("ssm.associations")
    return any(a.get("AssociationName", "").startswith(POLICY) for a in found)


def _put(place: Place, name: str, schedule: str | None, last: datetime, **changed: Any) -> None:
    place.put(
        "ssm.associations",
        {
            "Name": "AWS-GatherSoftwareInventory",
            "AssociationId": place.uuid(f"association {name}"),
            "AssociationName": name,
            "AssociationVersion": "1",
            "ScheduleExpression": schedule,
            "LastExecutionDate": last,
            "Overview": {"Status": "Success", "AssociationStatusAggregatedCount": {"Success": 2}},
            "Targets": [{"Key": "InstanceIds", "Values": ["*"]}],
            **changed,
        },
    )


def _comply(place: Place, *statuses: str) -> None:
    """Nodes by their status, and one that does not comply with its patches."""
    kinds = [("Association", status) for status in statuses] + [("Patch", "NON_COMPLIANT")]
    for number, (kind, status) in enumerate(kinds):
        place.put(
            "ssm.compliance",
            {
                "ComplianceType": kind,
                "ResourceType": "ManagedInstance",
                "ResourceId": f"mi-{place.hexadecimal(f'compliance {number}', 17)}",
                "Status": status,
                "OverallSeverity": "UNSPECIFIED",
            },
        )


def _expect_until(place: Place, last: datetime, **period: float) -> None:
    """A pass until the period and 24 hours of grace are over."""
    end = last + timedelta(**period) + timedelta(hours=24) + MOMENT
    if end <= place.ago():
        place.expect(COMPLIANT, "fail")
    else:
        place.expect(COMPLIANT, "pass", until=end, then="fail")


@associations.variant(
    "none", characters={"new": 4, "locked_down": 3, "neglected": 2, "ordinary": 2}
)
def no_associations(place: Place) -> None:
    place.expect(COMPLIANT, "not_applicable")


@associations.variant("compliant", characters={"exemplary": 3, "ordinary": 1})
def compliant(place: Place) -> None:
    """Weekly, on changes only, once, and one that has no node yet."""
    last = place.ago(days=3)
    _put(place, "inventory", "cron(0 2 ? * SUN *)", last)
    _put(place, "agent", None, place.ago(days=200))
    _put(place, "migration", "at(2026-01-05T02:00:00)", place.ago(days=55))
    _put(place, "edge", "rate(1 day)", last, LastExecutionDate=None, Overview={"Status": "Pending"})
    _comply(place, "COMPLIANT", "COMPLIANT")
    _expect_until(place, last, days=7)


@associations.variant("patch_policy", characters={"exemplary": 1, "ordinary": 1})
def patch_policy(place: Place) -> None:
    last = place.ago(hours=2)
    _put(place, f"{POLICY}abcde", "rate(30 days)", last)
    _expect_until(place, last, days=30)


@associations.variant("at_the_limit", characters={"ordinary": 1, "exemplary": 1})
def at_the_limit(place: Place) -> None:
    """On the third day after the first Sunday of the month."""
    last = place.ago(days=39)
    _put(place, "inventory", "cron(0 2 ? * SUN#1 *)", last, ScheduleOffset=3)
    _expect_until(place, last, days=38)


@associations.variant("late", characters={"neglected": 2})
def late(place: Place) -> None:
    last = place.ago(hours=48, seconds=1)
    _put(place, "inventory", "rate(1 day)", last)
    _expect_until(place, last, days=1)


@associations.variant("failed", characters={"neglected": 1, "ordinary": 1})
def failed(place: Place) -> None:
    _put(place, "inventory", None, place.ago(days=1), Overview={"Status": "Failed"})
    place.expect(COMPLIANT, "fail")


@associations.variant("not_compliant", characters={"neglected": 1, "new": 1})
def not_compliant(place: Place) -> None:
    _put(place, "agent", None, place.ago(days=1))
    _comply(place, "COMPLIANT", "NON_COMPLIANT")
    place.expect(COMPLIANT, "fail")


@associations.variant("untold", characters=RARELY)
def untold(place: Place) -> None:
    """It ran, but AWS does not say how."""
    _put(place, "inventory", None, place.ago(minutes=5), Overview=None)
    place.expect(COMPLIANT, "unknown")
