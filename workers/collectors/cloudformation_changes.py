"""Collectors of what may happen to stacks and what happened: change sets and operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from findings.facts.base import Gap, GapReason
from findings.facts.cloudformation import (
    ChangeSet,
    ChangeSets,
    ChangeSetSize,
    PendingChange,
    StackHistory,
    StackOperation,
)
from workers.collectors.base import Collector, Response, Session, unread
from workers.collectors.cloudformation import (
    STACK_LISTINGS,
    handle_of,
    is_gone,
    stack_summaries,
    standing_stacks,
)
from workers.collectors.paging import Items, detail_items

HISTORY = timedelta(days=30)
SIZES = timedelta(days=90)
LONGEST_OPERATION = timedelta(days=2)
MOST_STACKS = 500

STACK_TYPE = "AWS::CloudFormation::Stack"
STARTS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS")
ENDS = ("_COMPLETE", "_FAILED")

EXECUTED = ("EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE", "EXECUTE_FAILED")

Described = tuple[Response, list[Response] | Gap]
"""A change set as it is listed, and its changes."""


@Collector(
    fact=ChangeSets,
    operations=(
        *STACK_LISTINGS,
        "cloudformation:ListChangeSets",
        "cloudformation:DescribeChangeSet",
    ),
)
def change_sets(session: Session) -> Iterator[ChangeSets]:
    """Those of root stacks: a nested one's belong to a change set of its root."""
    listing = session.client("cloudformation").get_paginator("list_change_sets")
    for stack in standing_stacks(session):
        if stack.get("ParentId"):
            continue
        pages = listing.paginate(StackName=handle_of(stack))
        try:
            listed = session.detail(pages.build_full_result)
        except ClientError as error:
            if is_gone(error):
                continue
            raise
        yield _found(session, stack, listed)


def _found(session: Session, stack: Response, listed: Response | Gap) -> ChangeSets:
    name = stack["StackName"]
    if isinstance(listed, Gap):
        return unread(ChangeSets, listed, stack=name)
    own = (raw for raw in listed.get("Summaries") or () if _is_of(raw, stack))
    told = [(raw, _changes_of(session, raw)) for raw in own]
    known = [(raw, changes) for raw, changes in told if changes is not None]
    return parse_change_sets(name, known, session.now - SIZES)


def _is_of(change_set: Response, stack: Response) -> bool:
    """Whether it is the stack's own, and not below the change set of another."""
    owner, own = change_set.get("StackId"), stack.get("StackId")
    return (not owner or not own or owner == own) and not change_set.get("ParentChangeSetId")


def _changes_of(session: Session, raw: Response) -> list[Response] | Gap | None:
    """What a change set would do or did, where a check asks for it; None if it is gone."""
    if not _is_sized(raw, session.now - SIZES):
        return []
    try:
        return _changes(session, raw["ChangeSetId"])
    except session.client("cloudformation").exceptions.ChangeSetNotFoundException:
        return None


def _is_available(raw: Response) -> bool:
    return bool(raw.get("ExecutionStatus") == "AVAILABLE")


def _is_sized(raw: Response, since: datetime) -> bool:
    """Whether it can be executed, or was and is not too old."""
    created = raw.get("CreationTime")
    is_recent = created is None or created >= since
    return _is_available(raw) or (raw.get("ExecutionStatus") in EXECUTED and is_recent)


def _changes(session: Session, change_set: str) -> list[Response] | Gap:
    """The changes of a change set, and of those of nested stacks that belong to it."""
    pages = session.client("cloudformation").get_paginator("describe_change_set")
    described = session.detail(pages.paginate(ChangeSetName=change_set).build_full_result)
    if isinstance(described, Gap):
        return described
    changed = described.get("Changes") or ()
    found = [change["ResourceChange"] for change in changed if change.get("ResourceChange")]
    for nested in [change["ChangeSetId"] for change in found if change.get("ChangeSetId")]:
        changes = _changes(session, nested)
        if isinstance(changes, Gap):
            return changes
        found += changes
    return found


def parse_change_sets(stack: str, known: Sequence[Described], since: datetime) -> ChangeSets:
    """``since`` is when the oldest change set was made that was executed and is described."""
    return ChangeSets(
        stack=stack,
        change_sets=tuple(
            sorted((_change_set(raw) for raw, _ in known), key=lambda found: found.name)
        ),
        pending_changes=_each(
            (found for found in known if _is_available(found[0])), _pending_changes
        ),
        sizes=_each((found for found in known if _is_sized(found[0], since)), _sizes),
    )


def _each(known: Iterable[Described], parse: Callable[[Response, list[Response]], Any]) -> Any:
    """What is made of each change set, or the gap of one whose changes were refused."""
    made: list[Any] = []
    for raw, changes in known:
        if isinstance(changes, Gap):
            return changes
        made += parse(raw, changes)
    return tuple(made)


def _pending_changes(raw: Response, changes: list[Response]) -> list[PendingChange]:
    return [_pending_change(raw["ChangeSetName"], change) for change in changes]


def _sizes(raw: Response, changes: list[Response]) -> list[ChangeSetSize]:
    name, created_at = raw["ChangeSetName"], raw.get("CreationTime")
    return [ChangeSetSize(change_set=name, created_at=created_at, changes=len(changes))]


def _change_set(raw: Response) -> ChangeSet:
    return ChangeSet(
        name=raw["ChangeSetName"],
        status=raw.get("Status"),
        execution_status=raw.get("ExecutionStatus"),
        created_at=raw.get("CreationTime"),
    )


def _pending_change(change_set: str, raw: Response) -> PendingChange:
    return PendingChange(
        change_set=change_set,
        logical_id=raw.get("LogicalResourceId", ""),
        type=raw.get("ResourceType", ""),
        action=raw.get("Action"),
        replacement=raw.get("Replacement"),
        policy_action=raw.get("PolicyAction"),
    )


@Collector(
    fact=StackHistory,
    operations=("cloudformation:ListStacks", "cloudformation:DescribeStackEvents"),
)
def stack_histories(session: Session) -> Iterator[StackHistory]:
    """One fact per region; events are read of stacks that changed in its time, deleted ones too."""
    now = session.now
    since = now - HISTORY
    changed = [raw for raw in stack_summaries(session) if _may_have_operations(raw, since)]
    yield StackHistory(
        region=session.region,
        known_from=since,
        known_until=now,
        operations=_operations(session, changed, since),
    )


def _may_have_operations(raw: Response, since: datetime) -> bool:
    if raw.get("ParentId") or raw["StackStatus"] == "REVIEW_IN_PROGRESS":
        return False
    times = (raw.get("DeletionTime"), raw.get("LastUpdatedTime"), raw["CreationTime"])
    return any(time >= since - LONGEST_OPERATION for time in times if time)


def _operations(session: Session, stacks: list[Response], since: datetime) -> Any:
    client = session.client("cloudformation")
    if len(stacks) > MOST_STACKS:
        operation = "cloudformation:DescribeStackEvents"
        return Gap(kind=StackHistory.kind, reason=GapReason.CAPPED, operation=operation)
    found: list[StackOperation] = []
    for stack in stacks:
        try:
            events = detail_items(
                session,
                client.describe_stack_events,
                "StackEvents",
                until=lambda event: event["Timestamp"] < since - LONGEST_OPERATION,
                StackName=handle_of(stack),
            )
        except ClientError as error:
            if is_gone(error):
                continue
            raise
        if isinstance(events, Gap):
            return events
        found += parse_operations(stack["StackName"], events, since)
    return tuple(sorted(found, key=lambda operation: (operation.ended_at, operation.stack)))


def parse_operations(stack: str, events: Items, since: datetime) -> Iterator[StackOperation]:
    """Operations that ended since then, from a stack's events, which AWS lists newest first.

    A rollback that was continued or asked for later, and the deletion by which CloudFormation ends
    a failed creation, belong to the operation that failed and are not counted again.
    """
    started_at: datetime | None = None
    failure: str | None = None
    last_status, is_open = "", True
    for event in reversed(events):
        status, at = event.get("ResourceStatus", ""), event["Timestamp"]
        if not _is_of_the_stack_itself(event):
            if status.endswith("_FAILED") and failure is None:
                failure = f"{event.get('LogicalResourceId')} ({event.get('ResourceType')})"
            continue
        if status in STARTS and not _is_clean_up(event, last_status):
            started_at, failure, is_open = at, None, True
        elif status.endswith(ENDS) and is_open:
            is_open = False
            if at >= since:
                yield StackOperation(
                    stack=stack,
                    started_at=started_at,
                    ended_at=at,
                    status=status,
                    first_failure=failure,
                )
        last_status = status


def _is_of_the_stack_itself(event: Response) -> bool:
    is_stack = event.get("ResourceType") == STACK_TYPE
    return is_stack and event.get("PhysicalResourceId") == event["StackId"]


def _is_clean_up(event: Response, last_status: str) -> bool:
    by_itself = "User Initiated" not in event.get("ResourceStatusReason", "")
    deletes = event["ResourceStatus"] == "DELETE_IN_PROGRESS"
    return deletes and by_itself and last_status == "CREATE_FAILED"
