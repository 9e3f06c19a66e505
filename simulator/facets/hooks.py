"""Hooks of a region: whether there are any, and whether they judge what is deployed."""

from datetime import datetime, timedelta

from simulator.facets.base import Facet, default_answers
from simulator.facets.stack_records import MOMENT
from simulator.operations.cloudformation_types import TYPES
from simulator.places import Place, Record

hooks = Facet("cloudformation.hooks")

REGIONS = "cloudformation.hooked_regions"
ACTIVATED = "cloudformation_hooks_activated"
MONTH = timedelta(days=30)
DONE, REFUSED = "HOOK_COMPLETE_SUCCEEDED", "HOOK_COMPLETE_FAILED"
BROKEN, RUNNING = "HOOK_FAILED", "HOOK_IN_PROGRESS"
MADE_BY_AWS = (
    "awseb-",
    "aws-sam-cli-managed-",
    "aws-cloud9-",
    "AWSControlTower",
    "StackSet-AWSControlTower",
    "StackSet-AWS-QuickSetup",
    "CDKToolkit",
)


def _put(place: Place, name: str, *results: tuple[datetime, str]) -> None:
    """A hook that the account registered itself; its results, newest first."""
    place.put(
        TYPES,
        {
            "Type": "HOOK",
            "TypeName": name,
            "TypeArn": place.arn("cloudformation", f"type/hook/{name.replace('::', '-')}"),
            "DefaultVersionId": "00000001",
            "LastUpdated": place.ago(days=120),
            "_results": [_result(place, at, status) for at, status in results],
        },
    )


def _result(place: Place, at: datetime, status: str) -> Record:
    return {
        "HookResultId": place.uuid(f"hook {at} {status}"),
        "InvocationPoint": "PRE_PROVISION",
        "FailureMode": "WARN",
        "Status": status,
        "InvokedAt": at,
        "TargetType": "RESOURCE",
    }


def _expect(place: Place, completed: datetime | None = None) -> None:
    place.put(REGIONS, {"completed": completed})


@default_answers(REGIONS)
def usual(place: Place, region: Record) -> None:
    """A verdict counts for a month; where people made no stack nothing is asked for.

    Without any stack a hook has nothing to judge, whatever it once did.
    """
    if not has_stack(place):
        place.expect(ACTIVATED, "not_applicable")
        return
    missing = "fail" if _has_stack_of_people(place) else "not_applicable"
    if region["completed"] is None:
        place.expect(ACTIVATED, missing)
    else:
        over = region["completed"] + MONTH + MOMENT
        place.expect(ACTIVATED, "pass", until=over, then=missing)


def has_stack(place: Place) -> bool:
    return bool(_deployed(place))


def _has_stack_of_people(place: Place) -> bool:
    return any(not stack["StackName"].startswith(MADE_BY_AWS) for stack in _deployed(place))


def _deployed(place: Place) -> list[Record]:
    stacks = place.all("cloudformation.stacks")
    return [stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"]


@hooks.variant("judging", characters={"exemplary": 3, "ordinary": 1, "locked_down": 2})
def judging(place: Place) -> None:
    """Its last verdict is not on the first page of results; another hook never judged."""
    judged = place.ago(days=4)
    broken = [(place.ago(days=day), BROKEN) for day in (1, 2, 3)]
    _put(place, "Example::Tags::Hook", *broken, (judged, REFUSED))
    _put(place, "Example::Cost::Hook", (place.ago(hours=1), RUNNING))
    _expect(place, judged)


@hooks.variant("no_longer", characters={"ordinary": 1, "neglected": 1})
def no_longer(place: Place) -> None:
    """A second too long ago; since then it breaks."""
    judged = place.ago(days=30, seconds=1)
    _put(place, "Example::Tags::Hook", (place.ago(days=1), BROKEN), (judged, DONE))
    _expect(place)


@hooks.variant("never", characters={"new": 1, "ordinary": 1})
def never(place: Place) -> None:
    _put(place, "Example::Tags::Hook")
    _expect(place)


@hooks.variant("none", characters={"neglected": 3, "new": 2, "ordinary": 2})
def none(place: Place) -> None:
    _expect(place)
