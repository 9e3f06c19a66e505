"""Stacks of a region: their states, their protection, and who hears of their changes."""

import json

from simulator.facets.base import RARELY, Facet
from simulator.facets.production import in_production
from simulator.facets.stack_records import (
    HEALTHY,
    NESTED,
    NOTIFIED,
    PROTECTED,
    TRACED,
    leave_unused,
    nested_in,
    put_deleted,
    put_stack,
)
from simulator.places import Place

stacks = Facet("cloudformation.stacks")

FAILED = (
    "CREATE_FAILED",
    "ROLLBACK_FAILED",
    "DELETE_FAILED",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_FAILED",
    "IMPORT_ROLLBACK_FAILED",
)
SETTLED = ("CREATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
MOVING = (
    "CREATE_IN_PROGRESS",
    "ROLLBACK_IN_PROGRESS",
    "DELETE_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "IMPORT_ROLLBACK_COMPLETE",
)


@stacks.variant("healthy", characters={"exemplary": 6, "ordinary": 3, "new": 2, "locked_down": 4})
def healthy(place: Place) -> None:
    put_stack(place, "orders")


@stacks.variant("broken", characters={"ordinary": 1, "neglected": 3})
def broken(place: Place) -> None:
    put_stack(
        place,
        "orders",
        {HEALTHY: "fail"},
        StackStatus="ROLLBACK_COMPLETE",
        StackStatusReason="The following resource(s) failed to create: [Queue].",
    )


@stacks.variant("settled", characters=RARELY)
def settled(place: Place) -> None:
    put_stack(place, "orders")
    for status in SETTLED:
        put_stack(place, f"orders-{status.lower().replace('_', '-')}", StackStatus=status)
    put_deleted(place, "orders-gone", place.ago(days=50))


@stacks.variant("failed", characters=RARELY)
def failed(place: Place) -> None:
    for status in FAILED:
        name = f"orders-{status.lower().replace('_', '-')}"
        put_stack(place, name, {HEALTHY: "fail"}, StackStatus=status)


@stacks.variant("moving", characters=RARELY)
def moving(place: Place) -> None:
    for status in MOVING:
        put_stack(place, f"orders-{status.lower().replace('_', '-')}", StackStatus=status)


@stacks.variant("protected", characters={"exemplary": 3, "ordinary": 1})
def protected(place: Place) -> None:
    put_stack(place, "ledger")
    put_stack(
        place,
        "ledger-network",
        NESTED,
        EnableTerminationProtection=False,
        Tags=[],
        **nested_in(place, "ledger"),
    )


@stacks.variant("unprotected", characters={"ordinary": 1, "neglected": 2, "new": 2})
def unprotected(place: Place) -> None:
    answers = {PROTECTED: in_production(place, "fail")}
    put_stack(place, "ledger", answers, EnableTerminationProtection=False)


@stacks.variant("listed_abridged", characters={"ordinary": 1, "exemplary": 1})
def listed_abridged(place: Place) -> None:
    """A listing without protection, drift and what is above a nested stack."""
    put_stack(place, "ledger", _abridged=True)
    put_stack(place, "ledger-network", NESTED, _abridged=True, **nested_in(place, "ledger"))
    open_answer = {PROTECTED: in_production(place, "fail")}
    put_stack(place, "ledger-open", open_answer, EnableTerminationProtection=False, _abridged=True)


@stacks.variant("production_by_tag", characters={"neglected": 1, "new": 1})
def production_by_tag(place: Place) -> None:
    commit = {"Key": "GitCommit", "Value": place.hexadecimal("commit", 40)}
    tags = [commit, {"Key": "Environment", "Value": "Production"}]
    put_stack(place, "ledger", {PROTECTED: "fail"}, Tags=tags, EnableTerminationProtection=False)
    put_stack(place, "ledger-reports", {PROTECTED: "pass"}, Tags=tags)


@stacks.variant("of_a_stack_set", characters={"exemplary": 1, "locked_down": 1})
def of_a_stack_set(place: Place) -> None:
    put_stack(
        place,
        "StackSet-baseline-audit-1",
        {PROTECTED: "not_applicable"},
        EnableTerminationProtection=False,
    )
    put_stack(
        place,
        "StackSet-AWSControlTowerBP-1",
        {PROTECTED: "not_applicable", TRACED: "not_applicable"},
        Tags=[],
    )


@stacks.variant("notified_by_rule", characters={"exemplary": 1, "ordinary": 1})
def notified_by_rule(place: Place) -> None:
    _put_rule(place, "ENABLED")
    put_stack(place, "shipping", NotificationARNs=[])


@stacks.variant("not_notified", characters={"ordinary": 1, "neglected": 2})
def not_notified(place: Place) -> None:
    _put_rule(place, "DISABLED")
    put_stack(place, "shipping", {NOTIFIED: "fail"}, NotificationARNs=[])


def _put_rule(place: Place, state: str) -> None:
    pattern = {
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
    }
    place.put(
        "events.rules",
        {
            "Name": "stack-changes",
            "Arn": place.arn("events", "rule/stack-changes"),
            "EventPattern": json.dumps(pattern),
            "State": state,
            "EventBusName": "default",
            "_targets": [{"Id": "operations", "Arn": place.arn("sns", "stack-events")}],
        },
    )


@stacks.variant("none", characters={"new": 2, "locked_down": 2, "neglected": 1})
def none(place: Place) -> None:
    leave_unused(place)
