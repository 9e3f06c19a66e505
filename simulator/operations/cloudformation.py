"""AWS CloudFormation: stacks and what belongs to one.

A record of `cloudformation.stacks` is what DescribeStacks answers. On it hang `_template` and
`_policy` (texts), `_drifts`, `_events` (newest first) and `_change_sets`, whose records hold
`_changes`. An `_abridged` stack is listed without what AWS has been seen to leave out of its
listings. Stacks of status DELETE_COMPLETE are known to ListStacks, and else by their id only.
What a drift detection that somebody started has found is told instead of what the record says.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

STACKS = "cloudformation.stacks"
DRIFT_DETECTION = "drift detection"
LEFT_OUT = ("EnableTerminationProtection", "ParentId", "RootId", "DriftInformation")
SUMMARY = (
    "StackId",
    "StackName",
    "CreationTime",
    "LastUpdatedTime",
    "DeletionTime",
    "StackStatus",
    "StackStatusReason",
    "ParentId",
    "RootId",
    "DriftInformation",
)
Record = dict[str, Any]
_TOKENS: Record = {"bad_token": "ValidationError"}


def _is_deleted(stack: Record) -> bool:
    return bool(stack["StackStatus"] == "DELETE_COMPLETE")


def stack_of(call: Call) -> Record:
    """By id, or by name while it is not deleted."""
    wanted = call.parameters.get("StackName", "")
    for stack in call.place.all(STACKS):
        if wanted == stack["StackId"] or (wanted == stack["StackName"] and not _is_deleted(stack)):
            return stack
    raise AwsError("ValidationError", f"Stack with id {wanted} does not exist")


@operation("cloudformation", "DescribeStacks")
def describe_stacks(call: Call) -> dict[str, Any]:
    if call.parameters.get("StackName"):
        return {"Stacks": [_checked(call, stack_of(call))]}
    stacks = [stack for stack in call.place.all(STACKS) if not _is_deleted(stack)]
    listed = [_listed(_checked(call, stack)) for stack in stacks]
    return call.page(listed, "Stacks", size=12, **_TOKENS)


def drift_status(stack: Record) -> str:
    """What a drift detection finds: what was found before, or nothing that drifted."""
    known = (stack.get("DriftInformation") or {}).get("StackDriftStatus")
    return known if known in ("DRIFTED", "IN_SYNC") else "IN_SYNC"


def _checked(call: Call, stack: Record) -> Record:
    place = (call.account.id, call.region)
    detections = call.world.jobs.of(DRIFT_DETECTION, *place, stack["StackId"])
    ended = [job.ended_at for job in detections if job.ended_at]
    if not ended:
        return stack
    found = {"StackDriftStatus": drift_status(stack), "LastCheckTimestamp": max(ended)}
    return {**stack, "DriftInformation": found}


def _listed(stack: Record) -> Record:
    left_out = LEFT_OUT if stack.get("_abridged") else ()
    return {name: value for name, value in stack.items() if name not in left_out}


@operation("cloudformation", "ListStacks")
def list_stacks(call: Call) -> dict[str, Any]:
    wanted = call.parameters.get("StackStatusFilter")
    summaries = [
        {name: stack.get(name) for name in SUMMARY}
        for stack in call.place.all(STACKS)
        if not wanted or stack["StackStatus"] in wanted
    ]
    return call.page(summaries, "StackSummaries", size=16, **_TOKENS)


@operation("cloudformation", "GetTemplate")
def get_template(call: Call) -> dict[str, Any]:
    stack = stack_of(call)
    if "_template" not in stack:
        raise AwsError("ValidationError", f"Template for {stack['StackName']} does not exist")
    return {"TemplateBody": stack["_template"], "StagesAvailable": ["Original", "Processed"]}


@operation("cloudformation", "GetStackPolicy")
def get_stack_policy(call: Call) -> dict[str, Any]:
    return {"StackPolicyBody": stack_of(call).get("_policy")}


@operation("cloudformation", "DescribeStackResourceDrifts")
def describe_stack_resource_drifts(call: Call) -> dict[str, Any]:
    wanted = call.parameters.get("StackResourceDriftStatusFilters")
    stack = stack_of(call)
    drifts = [
        {"StackId": stack["StackId"], **drift}
        for drift in stack.get("_drifts", [])
        if not wanted or drift["StackResourceDriftStatus"] in wanted
    ]
    return call.page(drifts, "StackResourceDrifts", size=2, **_TOKENS)


@operation("cloudformation", "DescribeStackEvents")
def describe_stack_events(call: Call) -> dict[str, Any]:
    events = stack_of(call).get("_events", [])
    return call.page(events, "StackEvents", size=12, **_TOKENS)


@operation("cloudformation", "ListChangeSets")
def list_change_sets(call: Call) -> dict[str, Any]:
    found = stack_of(call).get("_change_sets", [])
    return call.page(found, "Summaries", size=2, **_TOKENS)


@operation("cloudformation", "DescribeChangeSet")
def describe_change_set(call: Call) -> dict[str, Any]:
    """By id only."""
    wanted = call.parameters["ChangeSetName"]
    for stack in call.place.all(STACKS):
        found: Record
        for found in stack.get("_change_sets", []):
            if wanted == found["ChangeSetId"]:
                changes = [
                    {"Type": "Resource", "ResourceChange": change} for change in found["_changes"]
                ]
                page = call.page(changes, "Changes", size=12, **_TOKENS)
                return found | page
    raise AwsError("ChangeSetNotFoundException", f"ChangeSet [{wanted}] does not exist", 404)
