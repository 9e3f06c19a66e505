"""Change sets that wait, and what they would do."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import Facet
from simulator.facets.stack_records import (
    NESTED,
    PENDING,
    REVIEWED,
    STACK,
    Answers,
    Until,
    nested_in,
    put_review,
    put_stack,
    stack_id,
)
from simulator.places import Place, Record

changes = Facet("cloudformation.stacks.changes")

TABLE, TOPIC = "AWS::DynamoDB::Table", "AWS::SNS::Topic"
WEEK = timedelta(days=7)
NOT_WAITING = (
    "UNAVAILABLE",
    "EXECUTE_IN_PROGRESS",
    "EXECUTE_COMPLETE",
    "EXECUTE_FAILED",
    "OBSOLETE",
)


def _change_set(
    place: Place,
    stack: str,
    name: str,
    created: datetime,
    *found: Record,
    status: str = "AVAILABLE",
    **members: Any,
) -> Record:
    return {
        "StackId": stack_id(place, stack),
        "StackName": stack,
        "ChangeSetId": _id(place, stack, name),
        "ChangeSetName": name,
        "ExecutionStatus": status,
        "Status": "FAILED" if status == "UNAVAILABLE" else "CREATE_COMPLETE",
        "CreationTime": created,
        "_changes": list(found),
        **members,
    }


def _id(place: Place, stack: str, name: str) -> str:
    return place.arn("cloudformation", f"changeSet/{name}/{place.uuid(f'{stack} {name}')}")


def _change(action: str, type_: str = TABLE, name: str = "Baskets", **members: Any) -> Record:
    return {"Action": action, "LogicalResourceId": name, "ResourceType": type_, **members}


def _in_place() -> Record:
    return _change("Modify", Replacement="False", Scope=["Properties"])


@changes.variant("fresh", characters={"exemplary": 2, "ordinary": 2})
def fresh(place: Place) -> None:
    """Each kind of change that keeps the data, one of them on its last page."""
    created = place.ago(days=5)
    found = [_change("Add"), _in_place(), _change("Remove", TOPIC), _change("Import")]
    put_stack(
        place,
        "checkout",
        {PENDING: Until("pass", created + WEEK, "fail"), REVIEWED: "pass"},
        _change_sets=[_change_set(place, "checkout", "release", created, *found)],
    )


@changes.variant("stale", characters={"ordinary": 2, "neglected": 3})
def stale(place: Place) -> None:
    """A second longer than allowed, on the last page of several that do not wait."""
    created = place.ago(days=7, seconds=1)
    waiting = _change_set(place, "checkout", "release", created, _in_place())
    others = [
        _change_set(place, "checkout", status.lower(), place.ago(days=90), status=status)
        for status in NOT_WAITING
    ]
    put_stack(
        place,
        "checkout",
        {PENDING: "fail", REVIEWED: "pass"},
        _change_sets=[*others, waiting],
    )


@changes.variant("done", characters={"exemplary": 2, "ordinary": 1, "locked_down": 2})
def done(place: Place) -> None:
    put_stack(
        place,
        "checkout",
        {PENDING: "pass"},
        _change_sets=[
            _change_set(place, "checkout", status.lower(), place.ago(days=90), status=status)
            for status in NOT_WAITING
        ],
    )


@changes.variant("destructive", characters={"ordinary": 2, "neglected": 2})
def destructive(place: Place) -> None:
    created = place.ago(days=1)
    answers: Answers = {PENDING: Until("pass", created + WEEK, "fail"), REVIEWED: "fail"}
    found = {
        "checkout": _change("Modify", Replacement="True", PolicyAction="ReplaceAndDelete"),
        "checkout-maybe": _change("Modify", Replacement="Conditional"),
        "checkout-end": _change("Remove", PolicyAction="Delete"),
        "checkout-later": _change("Dynamic"),
    }
    for name, change in found.items():
        kept = [_change("Add"), _change("Add", TOPIC, "Topic")]
        release = _change_set(place, name, "release", created, *kept, change)
        put_stack(place, name, answers, _change_sets=[release])


@changes.variant("destructive_below", characters={"ordinary": 1, "exemplary": 1})
def destructive_below(place: Place) -> None:
    """The change set of a nested stack is told by that of its root."""
    created = place.ago(days=1)
    below = {
        "ParentChangeSetId": _id(place, "checkout", "release"),
        "RootChangeSetId": _id(place, "checkout", "release"),
    }
    inner = _change_set(place, "checkout-data", "release", created, _change("Remove"), **below)
    step = _change("Modify", STACK, "Data", Replacement="False", ChangeSetId=inner["ChangeSetId"])
    release = _change_set(
        place, "checkout", "release", created, _in_place(), step, IncludeNestedStacks=True
    )
    answers: Answers = {PENDING: Until("pass", created + WEEK, "fail"), REVIEWED: "fail"}
    put_stack(place, "checkout", answers, _change_sets=[release])
    put_stack(
        place,
        "checkout-data",
        NESTED,
        _change_sets=[inner],
        **nested_in(place, "checkout"),
    )


@changes.variant("in_review", characters={"new": 2, "ordinary": 1})
def in_review(place: Place) -> None:
    created = place.ago(days=2)
    put_review(
        place,
        "basket",
        created,
        {PENDING: Until("pass", created + WEEK, "fail"), REVIEWED: "pass"},
        _change_sets=[_change_set(place, "basket", "first", created, _change("Add"))],
    )


@changes.variant("review_forgotten", characters={"neglected": 2, "new": 1})
def review_forgotten(place: Place) -> None:
    put_review(place, "basket", place.ago(days=9), {PENDING: "fail"})


@changes.variant("none", characters={"exemplary": 1, "locked_down": 2})
def none(place: Place) -> None:
    put_stack(place, "checkout")
