"""CloudTrail's event history: calls that changed the stacks of a region, and others that write.

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

EVENTS = "cloudtrail.events"
"""Other calls that write, each as long ago as its `_age` says."""

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
    """By the name of an event, of calls that changed stacks; or all else that writes."""
    now = call.world.clock()
    asked = call.parameters.get("LookupAttributes") or [{"AttributeKey": "EventName"}]
    start, end = call.parameters.get("StartTime", now - HISTORY), call.parameters.get("EndTime")
    if [one["AttributeKey"] for one in asked] == ["EventName"]:
        found = _changes_of_stacks(call.place, asked[0].get("AttributeValue"))
    elif asked == [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]:
        found = [{**e, "EventTime": now - e["_age"]} for e in call.place.all(EVENTS)]
    else:
        raise AwsError("InvalidLookupAttributesException", "Look events up by name, or writing.")
    newest_first = sorted(found, key=lambda event: event["EventTime"], reverse=True)
    return call.page([e for e in newest_first if start <= e["EventTime"] <= (end or now)], "Events")


def _changes_of_stacks(place: Place, wanted: str | None) -> list[Record]:
    return [
        event
        for stack in place.all(STACKS)
        for event in _calls(place, stack)
        if wanted in (None, event["EventName"])
    ]


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
