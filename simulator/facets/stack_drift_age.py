"""For how long stacks have drifted, as far as CloudFormation tells."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import Facet, default_answers
from simulator.facets.stack_records import DRIFT, Until, put_stack
from simulator.operations.cloudformation import STACKS
from simulator.places import Place, Record

ages = Facet("cloudformation.stacks.drift_age")

IN_TIME = "cloudformation_drift_remediated_in_time"
FORTNIGHT = timedelta(days=14)


def _drifted(place: Place, answer: str | Until, checked: Any, created: datetime) -> None:
    information = {"StackDriftStatus": "DRIFTED", "LastCheckTimestamp": checked}
    put_stack(
        place,
        "stalls",
        {DRIFT: "fail", IN_TIME: answer},
        CreationTime=created,
        LastUpdatedTime=None,
        DriftInformation=information,
    )


@ages.variant("in_sync", characters={"exemplary": 2, "ordinary": 2, "locked_down": 2, "new": 1})
def in_sync(place: Place) -> None:
    put_stack(place, "stalls")


@ages.variant("left", characters={"neglected": 2, "ordinary": 1})
def left(place: Place) -> None:
    """Nobody looked again for a second more than is allowed."""
    _drifted(place, "fail", place.ago(days=14, seconds=1), place.ago(days=150))


@ages.variant("new", characters={"new": 2, "ordinary": 1})
def new(place: Place) -> None:
    """Checked every day, and no older than its stack, for as long as that tells."""
    created = place.ago(days=9)
    _drifted(place, Until("pass", created + FORTNIGHT, "unknown"), place.moving(hours=5), created)


@ages.variant("seen_once", characters={"neglected": 1, "ordinary": 1})
def seen_once(place: Place) -> None:
    """Checked shortly before the limit: how long it had drifted by then is not told."""
    checked = place.ago(days=13)
    answer = Until("unknown", checked + FORTNIGHT, "fail")
    _drifted(place, answer, checked, place.ago(days=150))


@default_answers(STACKS)
def answers(place: Place, stack: Record) -> None:
    """Other stacks that drifted are older than a fortnight and checked every day."""
    if stack["StackStatus"] == "DELETE_COMPLETE":
        return
    status = (stack.get("DriftInformation") or {}).get("StackDriftStatus")
    answer = "unknown" if status == "DRIFTED" else "not_applicable"
    place.expect(IN_TIME, answer, resource=stack["StackName"])
