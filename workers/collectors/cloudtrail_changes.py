"""Collector of the calls that changed stacks, from CloudTrail's event history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from findings.facts.base import Gap, not_told
from findings.facts.cloudtrail_changes import CREATE, EXECUTE, UPDATE, StackChange, StackChanges
from workers.collectors.base import Collector, Response, Session, pick, unread
from workers.collectors.cloudformation import STACK_LISTINGS, standing_stacks

HISTORY = timedelta(days=90)
MOST_EVENTS = 1000
"""Of each name; AWS answers 50 at once, twice a second."""

LOOKUP = "cloudtrail:LookupEvents"


@Collector(fact=StackChanges, operations=(*STACK_LISTINGS, LOOKUP))
def stack_changes(session: Session) -> Iterator[StackChanges]:
    """Nothing is looked up where no stack changed in the time that CloudTrail tells of."""
    since = session.now - HISTORY
    if not any(_may_have_changed(stack, since) for stack in standing_stacks(session)):
        return
    found = [_looked_up(session, name, since) for name in (CREATE, UPDATE, EXECUTE)]
    refused = next((each for each in found if isinstance(each, Gap)), None)
    if refused:
        yield unread(StackChanges, refused, region=session.region)
        return
    told = [each for each in found if not isinstance(each, Gap)]
    yield StackChanges(
        region=session.region,
        known_from=max(_known_from(each, since) for each in told),
        known_until=session.now,
        changes=parse_stack_changes([raw for each in told for raw in each.get("Events") or ()]),
    )


def _may_have_changed(stack: Response, since: datetime) -> bool:
    changed = stack.get("LastUpdatedTime") or stack["CreationTime"]
    return not stack.get("ParentId") and bool(changed >= since)


def _looked_up(session: Session, name: str, since: datetime) -> Response | Gap:
    pages = session.client("cloudtrail").get_paginator("lookup_events")
    asked = pages.paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}],
        StartTime=since,
        EndTime=session.now,
        PaginationConfig={"MaxItems": MOST_EVENTS},
    )
    return session.detail(asked.build_full_result)


def _known_from(found: Response, since: datetime) -> datetime:
    """Since when everything is known: events come newest first, and only so many are read."""
    if not found.get("NextToken"):
        return since
    times = [raw["EventTime"] for raw in found["Events"] if raw.get("EventTime")]
    oldest: datetime = min(times, default=since)
    return oldest


def parse_stack_changes(events: Iterable[Response]) -> Any:
    """Without calls that failed; a gap for all of them where AWS does not tell one in full."""
    changes = []
    for raw in events:
        if not raw.get("CloudTrailEvent") or not raw.get("EventTime"):
            return not_told(StackChanges.kind, LOOKUP)
        record = json.loads(raw["CloudTrailEvent"])
        is_cloudformations = record.get("eventSource") == "cloudformation.amazonaws.com"
        if is_cloudformations and not record.get("errorCode"):
            changes.append(_change(raw["EventTime"], record))
    return tuple(sorted(changes, key=lambda change: (change.at, change.event, change.stack or "")))


def _change(at: datetime, record: Response) -> StackChange:
    is_execution = record.get("eventName") == EXECUTE
    told = pick(record, "responseElements", "stackId")
    return StackChange(
        event=record.get("eventName", ""),
        at=at,
        stack=told or pick(record, "requestParameters", "stackName"),
        change_set=pick(record, "requestParameters", "changeSetName") if is_execution else None,
        identity=pick(record, "userIdentity", "type", default=""),
        role=pick(record, "userIdentity", "sessionContext", "sessionIssuer", "userName"),
        service=pick(record, "userIdentity", "invokedBy"),
    )
