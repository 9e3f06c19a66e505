"""How much one change set changes."""

from datetime import datetime, timedelta

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.stack_records import MOMENT, PENDING, REVIEWED, put_stack, stack_id
from simulator.operations.cloudformation import STACKS
from simulator.places import Place, Record

sizes = Facet("cloudformation.stacks.change_sizes")

SMALL = "cloudformation_change_sets_small"
WINDOW = timedelta(days=30)
MOST_CHANGES = 25
COUNTED = ("AVAILABLE", "EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE", "EXECUTE_FAILED")


def _executed(place: Place, count: int, created: datetime) -> Record:
    return {
        "StackId": stack_id(place, "returns"),
        "StackName": "returns",
        "ChangeSetId": place.arn("cloudformation", f"changeSet/step/{place.uuid('returns step')}"),
        "ChangeSetName": "step",
        "ExecutionStatus": "EXECUTE_COMPLETE",
        "Status": "CREATE_COMPLETE",
        "CreationTime": created,
        "_changes": [
            {"Action": "Add", "LogicalResourceId": f"T{number}", "ResourceType": "AWS::SNS::Topic"}
            for number in range(count)
        ],
    }


def _put(place: Place, count: int, created: datetime) -> None:
    answers = {PENDING: "pass", REVIEWED: "not_applicable"}
    put_stack(place, "returns", answers, _change_sets=[_executed(place, count, created)])


@sizes.variant("none", characters={"exemplary": 2, "ordinary": 2, "new": 1, "neglected": 2})
def none(place: Place) -> None:
    put_stack(place, "returns")


@sizes.variant("small", characters={"exemplary": 2, "ordinary": 1})
def small(place: Place) -> None:
    _put(place, 3, place.ago(days=2))


@sizes.variant("as_large_as_allowed", characters=RARELY)
def as_large_as_allowed(place: Place) -> None:
    _put(place, MOST_CHANGES, place.ago(days=3))


@sizes.variant("large", characters={"neglected": 1, "ordinary": 1})
def large(place: Place) -> None:
    _put(place, MOST_CHANGES + 1, place.ago(days=4))


@sizes.variant("large_long_ago", characters=RARELY)
def large_long_ago(place: Place) -> None:
    _put(place, MOST_CHANGES + 1, place.ago(days=30, seconds=1))


@default_answers(STACKS)
def answers(place: Place, stack: Record) -> None:
    """Change sets below that of a root are counted with it."""
    if stack["StackStatus"] == "DELETE_COMPLETE":
        return
    own = () if stack.get("ParentId") else stack.get("_change_sets", ())
    counted = [
        change_set
        for change_set in own
        if change_set["ExecutionStatus"] in COUNTED
        and change_set["CreationTime"] + WINDOW >= place.ago()
    ]
    name = stack["StackName"]
    if not counted:
        place.expect(SMALL, "not_applicable", resource=name)
        return
    is_small = all(len(change_set["_changes"]) <= MOST_CHANGES for change_set in counted)
    until = max(change_set["CreationTime"] for change_set in counted) + WINDOW + MOMENT
    status = "pass" if is_small else "fail"
    place.expect(SMALL, status, resource=name, until=until, then="not_applicable")
