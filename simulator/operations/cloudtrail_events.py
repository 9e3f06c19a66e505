"""CloudTrail's event history: calls that changed the stacks of a region.

A stack's `_calls` are the calls that changed it, as `call_of` makes them; one that has none was
changed last by its pipeline.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation
from simulator.operations.cloudformation import STACKS
from simulator.places import Place, Record

HISTORY = timedelta(days=90)
SOURCE = "cloudformation.amazonaws.com"
PIPELINE_ROLE = "cdk-hnb659fds-deploy-role"
TIMES = ("CreationTime", "LastUpdatedTime")


def by_role(place: Place, name: str) -> Record:
    """The identity of a session of a role."""
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{place.account.id}:role/{name}"}
    return {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer | {"userName": name}}}


def call_of(
    place: Place,
    event: str,
    at: datetime,
    identity: Record,
    *,
    error: str | None = None,
    **asked: Any,
) -> Record:
    """An event as LookupEvents answers it; `asked` are the parameters of the call."""
    record = {
        "eventSource": SOURCE,
        "eventName": event,
        "awsRegion": place.region,
        "userIdentity": identity,
        "requestParameters": asked,
        "responseElements": None,
        **({"errorCode": error} if error else {}),
    }
    return {
        "EventId": place.uuid(f"{event} {at} {sorted(asked.items())}"),
        "EventName": event,
        "ReadOnly": "false",
        "EventTime": at.replace(microsecond=0),
        "EventSource": SOURCE,
        "CloudTrailEvent": json.dumps(record),
    }


@operation("cloudtrail", "LookupEvents")
def lookup_events(call: Call) -> dict[str, Any]:
    """By the name of the event only, the newest first."""
    attributes = call.parameters.get("LookupAttributes") or [{}]
    if len(attributes) != 1 or attributes[0].get("AttributeKey", "EventName") != "EventName":
        raise AwsError("InvalidLookupAttributesException", "Look events up by their name.")
    wanted = attributes[0].get("AttributeValue")
    start = call.parameters.get("StartTime") or call.world.clock() - HISTORY
    found = [
        event
        for stack in call.place.all(STACKS)
        for event in _calls(call.place, stack)
        if wanted in (None, event["EventName"]) and event["EventTime"] >= start
    ]
    newest_first = sorted(found, key=lambda event: event["EventTime"], reverse=True)
    return call.page(newest_first, "Events")


def _calls(place: Place, stack: Record) -> Iterator[Record]:
    if "_calls" in stack:
        yield from stack["_calls"]
    elif not stack.get("ParentId") and stack["StackStatus"] != "REVIEW_IN_PROGRESS":
        updated = stack.get("LastUpdatedTime")
        name = "ExecuteChangeSet" if updated else "CreateStack"
        at = updated or stack["CreationTime"]
        asked = {"stackName": stack["StackName"]} | (
            {"changeSetName": "release"} if updated else {}
        )
        yield call_of(
            place, name, at, by_role(place, f"{PIPELINE_ROLE}-{place.account.id}"), **asked
        )
