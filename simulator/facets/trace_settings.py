"""How traces are encrypted, and the insights that X-Ray has of them.

Built after the graph and the groups, by their names: what is judged depends on both.
"""

from datetime import timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.production import is_production
from simulator.facets.tracing import MOMENT, expect_where_traced
from simulator.places import Place

encryption = Facet("xray.encryption")
insights = Facet("xray.insights")

ENCRYPTED, RESOLVED = "xray_encryption_cmk", "xray_insights_resolved"
TOLD = timedelta(days=30) - timedelta(hours=1)
"""For how long a scan sees an insight that goes on."""


# encryption
def _expect_encryption(place: Place, status: str) -> None:
    if is_production(place.account):
        expect_where_traced(place, ENCRYPTED, status)
    else:
        place.expect(ENCRYPTED, "not_applicable")


def _encryption(place: Place, expected: str, **changed: Any) -> None:
    key = place.arn("kms", f"key/{place.uuid('traces')}")
    place.put("xray.encryption", {"KeyId": key, "Status": "ACTIVE", "Type": "KMS", **changed})
    _expect_encryption(place, expected)


@encryption.variant("own_key", characters={"exemplary": 3, "ordinary": 1, "locked_down": 2})
def own_key(place: Place) -> None:
    _encryption(place, "pass")


@encryption.variant("default", characters={"ordinary": 2, "neglected": 2, "new": 2})
def default(place: Place) -> None:
    """Nobody ever configured it."""
    _expect_encryption(place, "fail")


@encryption.variant("key_of_aws", characters={"ordinary": 1})
def key_of_aws(place: Place) -> None:
    _encryption(place, "fail", KeyId="alias/aws/xray")


@encryption.variant("updating", characters=RARELY)
def updating(place: Place) -> None:
    _encryption(place, "fail", Status="UPDATING")


# insights
def _watched(place: Place) -> list[str]:
    return [
        group["GroupName"]
        for group in place.all("xray.groups")
        if (group["InsightsConfiguration"] or {}).get("InsightsEnabled")
    ]


def _insight(place: Place, group: str, number: int = 1, **changed: Any) -> None:
    place.put(
        "xray.insights",
        {
            "InsightId": place.uuid(f"insight {group} {number}"),
            "GroupARN": place.arn("xray", f"group/{group}/{place.hexadecimal(group, 12)}"),
            "GroupName": group,
            "RootCauseServiceId": {"Name": "payments", "Type": "AWS::Lambda::Function"},
            "Categories": ["FAULT"],
            "State": "ACTIVE",
            "Summary": "Faults of payments have risen.",
            **changed,
        },
    )


@insights.variant("quiet", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2, "new": 1})
def quiet(place: Place) -> None:
    """One was closed; one of the group that keeps none goes on unseen."""
    watched = _watched(place)
    for group in watched[:1]:
        _insight(place, group, StartTime=place.ago(days=3), State="CLOSED")
    _insight(place, "ungrouped", StartTime=place.ago(days=3))
    place.expect(RESOLVED, "pass" if watched else "not_applicable")


@insights.variant("left_alone", characters={"neglected": 3, "ordinary": 1})
def left_alone(place: Place) -> None:
    """A second too long; beside it one that has just begun. AWS tells them for 30 days."""
    started = place.ago(hours=24, seconds=1)
    watched = _watched(place)
    for group in watched[-1:]:
        _insight(place, group, 1, StartTime=place.ago(hours=2), _closed_at=place.ago(hours=-1))
        _insight(place, group, 2, StartTime=started)
    if watched:
        place.expect(RESOLVED, "fail", until=started + TOLD + MOMENT, then="pass")
    else:
        place.expect(RESOLVED, "not_applicable")


@insights.variant("followed_up", characters={"exemplary": 1, "ordinary": 1, "neglected": 1})
def followed_up(place: Place) -> None:
    """As long as one may last exactly, and closed right after it."""
    watched = _watched(place)
    for group in watched[:1]:
        _insight(place, group, StartTime=place.ago(hours=24), _closed_at=place.ago())
    place.expect(RESOLVED, "pass" if watched else "not_applicable")
