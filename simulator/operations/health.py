"""AWS Health: `health.events` of the organization, or of an account, as AWS answers them."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation
from simulator.organization import MANAGEMENT_ID
from simulator.places import Record, Spot

EVENTS = "health.events"
FILTERS = {"eventTypeCategories": "eventTypeCategory", "eventStatusCodes": "statusCode"}
_TOKENS: dict[str, Any] = {
    "token_in": "nextToken",
    "token_out": "nextToken",
    "limit_in": "maxResults",
    "bad_token": "InvalidPaginationToken",
}


@operation("health", "DescribeEventsForOrganization")
def describe_events_for_organization(call: Call) -> dict[str, Any]:
    administrators = (MANAGEMENT_ID, call.world.organization.delegated_administrator)
    if call.account.id not in administrators:
        raise AwsError("AccessDeniedException", "Only administrators see the organization.", 403)
    return _page(call, call.organization_place)


@operation("health", "DescribeEvents")
def describe_events(call: Call) -> dict[str, Any]:
    return _page(call, call.account_place)


def _page(call: Call, place: Spot) -> dict[str, Any]:
    wanted: Record = call.parameters.get("filter") or {}
    found = [
        event
        for event in place.all(EVENTS)
        if all(event[member] in wanted[name] for name, member in FILTERS.items() if name in wanted)
    ]
    return call.page(found, "events", size=2, **_TOKENS)
