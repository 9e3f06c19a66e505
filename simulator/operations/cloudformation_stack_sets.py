"""Stack sets of the organization: records of its `cloudformation.stack_sets`, in the home region.

A record is what DescribeStackSet answers as StackSet. The management account sees them all as
itself, the delegated administrator those with service-managed permissions, when it says who it is.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation
from simulator.organization import MANAGEMENT_ID

STACK_SETS = "cloudformation.stack_sets"
SUMMARY = (
    "StackSetName",
    "StackSetId",
    "Description",
    "Status",
    "AutoDeployment",
    "PermissionModel",
)
Record = dict[str, Any]
_TOKENS: Record = {"bad_token": "ValidationError"}


def _visible(call: Call) -> list[Record]:
    as_administrator = call.parameters.get("CallAs") == "DELEGATED_ADMIN"
    if as_administrator and call.account.id != call.world.organization.delegated_administrator:
        raise AwsError("ValidationError", "Account used is not a delegated administrator")
    is_management = call.account.id == MANAGEMENT_ID
    if call.region != call.world.regions[0] or not (is_management or as_administrator):
        return []
    return [
        found
        for found in call.organization_place.all(STACK_SETS)
        if is_management or found["PermissionModel"] == "SERVICE_MANAGED"
    ]


@operation("cloudformation", "ListStackSets")
def list_stack_sets(call: Call) -> dict[str, Any]:
    wanted = call.parameters.get("Status")
    summaries = [
        {name: found.get(name) for name in SUMMARY} | _drift(found)
        for found in _visible(call)
        if wanted in (None, found["Status"])
    ]
    return call.page(summaries, "Summaries", size=2, **_TOKENS)


def _drift(found: Record) -> Record:
    details = found.get("StackSetDriftDetectionDetails", {})
    return {
        "DriftStatus": details.get("DriftStatus"),
        "LastDriftCheckTimestamp": details.get("LastDriftCheckTimestamp"),
    }


@operation("cloudformation", "DescribeStackSet")
def describe_stack_set(call: Call) -> dict[str, Any]:
    return {"StackSet": stack_set(call)}


def stack_set(call: Call) -> Record:
    """The one that the call names, as far as the caller sees it."""
    wanted = call.parameters["StackSetName"]
    for found in _visible(call):
        if wanted in (found["StackSetName"], found["StackSetId"]):
            return found
    raise AwsError("StackSetNotFoundException", f"StackSet {wanted} not found", 404)
