"""How stacks are run: for how long, through which role, with which tags, and what they tell."""

from simulator.facets.base import RARELY, Facet
from simulator.facets.stack_answers import OUTPUTS, ROLE, STALLED, TAGGED
from simulator.facets.stack_records import NESTED, TRACED, Until, nested_in, put_stack
from simulator.places import Place, Record

running = Facet("cloudformation.stacks.running")

NO_TAGS = {TAGGED: "fail", TRACED: "fail"}


def _tags(place: Place, **tags: str) -> list[Record]:
    commit = {"GitCommit": place.hexadecimal("commit", 40)}
    return [{"Key": key, "Value": value} for key, value in (commit | tags).items()]


def _output(name: str, value: str) -> Record:
    return {"OutputKey": name, "OutputValue": value}


@running.variant("well", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def well(place: Place) -> None:
    put_stack(
        place,
        "payments",
        {ROLE: "pass", TAGGED: "pass", OUTPUTS: "pass", STALLED: "pass"},
        RoleARN=f"arn:aws:iam::{place.account.id}:role/deployment",
        Tags=_tags(place, Owner="payments", Environment="test"),
        Outputs=[_output("SecretArn", place.arn("secretsmanager", "secret:payments"))],
    )


@running.variant("by_hand", characters={"ordinary": 1, "neglected": 3, "new": 2})
def by_hand(place: Place) -> None:
    """By whoever deploys; with one tag that is missing or empty, or with none."""
    put_stack(
        place,
        "payments",
        {ROLE: "fail", TAGGED: "fail", OUTPUTS: "not_applicable"},
        RoleARN=None,
        Tags=_tags(place, Owner="", Environment="test"),
    )
    put_stack(place, "payments-api", {TAGGED: "fail"}, Tags=_tags(place, Owner="payments"))
    put_stack(place, "payments-batch", NO_TAGS, Tags=[])


@running.variant("stalled", characters={"ordinary": 1, "neglected": 2})
def stalled(place: Place) -> None:
    """Each a second too long."""
    began = place.ago(hours=12, seconds=1)
    put_stack(
        place,
        "payments",
        {STALLED: "fail"},
        StackStatus="UPDATE_ROLLBACK_IN_PROGRESS",
        LastUpdatedTime=began,
    )
    put_stack(
        place,
        "payments-old",
        {STALLED: "fail"},
        StackStatus="DELETE_IN_PROGRESS",
        DeletionTime=began,
    )


@running.variant("under_way", characters={"ordinary": 1, "exemplary": 1})
def under_way(place: Place) -> None:
    began = place.ago(hours=2)
    answers = {STALLED: Until("pass", place.ago(hours=-10), "fail")}
    put_stack(
        place,
        "payments",
        answers,
        StackStatus="UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        LastUpdatedTime=began,
    )
    put_stack(place, "payments-old", answers, StackStatus="DELETE_IN_PROGRESS", DeletionTime=began)


@running.variant("deleted_some_time", characters=RARELY)
def deleted_some_time(place: Place) -> None:
    """A deletion of which is not told when it began."""
    put_stack(place, "payments", {STALLED: "unknown"}, StackStatus="DELETE_IN_PROGRESS")


@running.variant("telling_secrets", characters={"neglected": 2, "ordinary": 1})
def telling_secrets(place: Place) -> None:
    """In an output of the stack itself, and in one of a stack nested in another."""
    secret = _output("DatabasePassword", "hunter2-hunter3")
    put_stack(place, "payments", {OUTPUTS: "fail"}, Outputs=[_output("Bucket", "data"), secret])
    put_stack(place, "payments-api", {OUTPUTS: "fail"})
    put_stack(
        place,
        "payments-api-data",
        {**NESTED, OUTPUTS: "not_applicable"},
        Outputs=[secret],
        **nested_in(place, "payments-api"),
    )
