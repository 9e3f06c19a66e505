"""Collectors of the instances of stack sets and of the last operation on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from findings.facts.base import Fact, Gap, GapReason
from findings.facts.cloudformation_stack_sets import (
    SKIPPED,
    StackInstance,
    StackInstances,
    StackSetOperation,
    StackSetRun,
)
from workers.collectors.base import Collector, Response, Session, pick, unread
from workers.collectors.cloudformation_stack_sets import listed_stack_sets

ENDED = ("SUCCEEDED", "FAILED", "STOPPED")
LISTING = ("organizations:DescribeOrganization", "cloudformation:ListStackSets")


@Collector(fact=StackInstances, operations=(*LISTING, "cloudformation:ListStackInstances"))
def stack_instances(session: Session) -> Iterator[StackInstances]:
    for name, found in _summaries(session, "list_stack_instances"):
        if isinstance(found, Gap):
            yield unread(StackInstances, found, stack_set=name)
        else:
            yield parse_stack_instances(name, found)


@Collector(fact=StackSetRun, operations=(*LISTING, "cloudformation:ListStackSetOperations"))
def stack_set_runs(session: Session) -> Iterator[StackSetRun]:
    for name, found in _summaries(session, "list_stack_set_operations"):
        if isinstance(found, Gap):
            yield unread(StackSetRun, found, stack_set=name)
        else:
            yield parse_stack_set_run(name, found)


def _summaries(session: Session, method: str) -> Iterator[tuple[str, list[Response] | Gap]]:
    """What AWS lists of each stack set under its name; of those that are gone meanwhile nothing."""
    client = session.client("cloudformation")
    pages = client.get_paginator(method)
    for name, (_, role) in listed_stack_sets(session).items():
        ask = pages.paginate(StackSetName=name, CallAs=role).build_full_result
        try:
            found = session.detail(ask)
        except client.exceptions.StackSetNotFoundException:
            continue
        yield name, found if isinstance(found, Gap) else list(found.get("Summaries") or ())


def parse_stack_instances(stack_set: str, summaries: Iterable[Response]) -> StackInstances:
    found = [parse_stack_instance(raw) for raw in summaries]
    counted = [instance for instance in found if instance.detailed_status != SKIPPED]
    others: Any = tuple(
        sorted(
            (instance for instance in counted if not instance.is_current),
            key=lambda other: (other.account, other.region),
        )
    )
    if any(instance.status is None for instance in others):
        others = _untold(StackInstances, "ListStackInstances")
    return StackInstances(
        stack_set=stack_set,
        total=len(counted),
        accounts=len({instance.account for instance in counted}),
        others=others,
    )


def _untold(fact: type[Fact], operation: str) -> Gap:
    """A member that AWS always tells was missing."""
    operation = f"cloudformation:{operation}"
    return Gap(kind=fact.kind, reason=GapReason.NOT_SUPPLIED, operation=operation)


def parse_stack_instance(raw: Response) -> StackInstance:
    return StackInstance(
        account=raw.get("Account", ""),
        region=raw.get("Region", ""),
        status=raw.get("Status"),
        detailed_status=pick(raw, "StackInstanceStatus", "DetailedStatus"),
    )


def parse_stack_set_run(stack_set: str, summaries: Iterable[Response]) -> StackSetRun:
    """Detecting drift changes nothing, and is not among the operations."""
    changes = [raw for raw in summaries if raw.get("Action") != "DETECT_DRIFT"]
    latest: Any = None
    if any("CreationTimestamp" not in raw or "Status" not in raw for raw in changes):
        latest = _untold(StackSetRun, "ListStackSetOperations")
    elif ended := [raw for raw in changes if raw["Status"] in ENDED]:
        latest = _operation(max(ended, key=lambda raw: raw["CreationTimestamp"]))
    return StackSetRun(stack_set=stack_set, latest=latest)


def _operation(raw: Response) -> StackSetOperation:
    preferences = raw.get("OperationPreferences") or {}
    return StackSetOperation(
        action=raw.get("Action"),
        status=raw["Status"],
        started_at=raw["CreationTimestamp"],
        failed_instances=pick(raw, "StatusDetails", "FailedStackInstancesCount"),
        tolerated_count=preferences.get("FailureToleranceCount"),
        tolerated_percent=preferences.get("FailureTolerancePercentage"),
        concurrent_count=preferences.get("MaxConcurrentCount"),
        concurrent_percent=preferences.get("MaxConcurrentPercentage"),
    )
