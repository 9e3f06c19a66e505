"""AWS CloudTrail. Trails are records of an account's regions, in `cloudtrail.trails`.

A trail's own record holds `_status` and `_selectors`, the answers of GetTrailStatus and
GetEventSelectors, and `_insights`, its insight selectors. Trails of the organization are put by the
management account's facets. Event data stores of a region are in `cloudtrail.stores`.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation
from simulator.organization import MANAGEMENT_ID

TRAILS = "cloudtrail.trails"
STORES = "cloudtrail.stores"


def _visible_trails(call: Call) -> list[dict[str, Any]]:
    """The account's trails in every region, and the organization's."""
    trails = [t for place in call.account_place.regions() for t in place.all(TRAILS)]
    if call.account.id != MANAGEMENT_ID:
        management = call.world.account_place(MANAGEMENT_ID)
        trails += [
            trail
            for place in management.regions()
            for trail in place.all(TRAILS)
            if trail["IsOrganizationTrail"]
        ]
    return trails


@operation("cloudtrail", "DescribeTrails")
def describe_trails(call: Call) -> dict[str, Any]:
    """Shadow trails: those of all regions from other regions, the organization's from members."""
    wanted = call.parameters.get("trailNameList") or []
    shadows = call.parameters.get("includeShadowTrails", True)
    trails = [
        trail
        for trail in _visible_trails(call)
        if _is_at_home(call, trail)
        or (shadows and (trail["IsMultiRegionTrail"] or trail["HomeRegion"] == call.region))
    ]
    if wanted:
        trails = [t for t in trails if t["Name"] in wanted or t["TrailARN"] in wanted]
    return {"trailList": trails}


def _trail(call: Call, name: str) -> dict[str, Any]:
    """A shadow trail is known by its ARN only."""
    for trail in _visible_trails(call):
        if name == trail["TrailARN"] or (name == trail["Name"] and _is_at_home(call, trail)):
            return trail
    raise AwsError("TrailNotFoundException", f"Unknown trail: {name}")


def _is_at_home(call: Call, trail: dict[str, Any]) -> bool:
    place = f":{call.region}:{call.account.id}:"
    return place in trail["TrailARN"]


@operation("cloudtrail", "GetTrailStatus")
def get_trail_status(call: Call) -> dict[str, Any]:
    status: dict[str, Any] = _trail(call, call.parameters["Name"])["_status"]
    return status


@operation("cloudtrail", "GetEventSelectors")
def get_event_selectors(call: Call) -> dict[str, Any]:
    """For its owner, in its home region."""
    trail = _trail(call, call.parameters["TrailName"])
    if not _is_at_home(call, trail):
        raise AwsError("TrailNotFoundException", f"Unknown trail: {trail['TrailARN']}")
    return {"TrailARN": trail["TrailARN"], **trail["_selectors"]}


@operation("cloudtrail", "GetInsightSelectors")
def get_insight_selectors(call: Call) -> dict[str, Any]:
    """For its owner, in its home region."""
    name = call.parameters.get("TrailName")
    if name is None:
        raise AwsError("InvalidParameterCombinationException", "Name a trail or a data store.")
    trail = _trail(call, name)
    if not _is_at_home(call, trail):
        raise AwsError("TrailNotFoundException", f"Unknown trail: {trail['TrailARN']}")
    if not trail.get("_insights"):
        raise AwsError("InsightNotEnabledException", "The trail has no insight selectors.")
    return {"TrailARN": trail["TrailARN"], "InsightSelectors": trail["_insights"]}


@operation("cloudtrail", "ListEventDataStores")
def list_event_data_stores(call: Call) -> dict[str, Any]:
    """It tells ARN and name; what else the model has is no longer given."""
    listed = [
        {name: store[name] for name in ("EventDataStoreArn", "Name")}
        for store in call.place.all(STORES)
    ]
    return call.page(listed, "EventDataStores", size=1)


@operation("cloudtrail", "GetEventDataStore")
def get_event_data_store(call: Call) -> dict[str, Any]:
    arn = call.parameters["EventDataStore"]
    store = call.place.find(STORES, EventDataStoreArn=arn)
    if store is None:
        raise AwsError("EventDataStoreNotFoundException", f"Unknown event data store: {arn}")
    return store
