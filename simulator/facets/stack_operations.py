"""How the last operations on an account's stacks ended."""

from datetime import datetime, timedelta

from simulator.facets.base import ACCOUNT, Facet, account_answers
from simulator.facets.stack_records import STACK, expect_turns, put_deleted, put_stack, stack_id
from simulator.operations.cloudformation import STACKS
from simulator.places import AccountPlace, Place, Record
from simulator.shapes import Undocumented

operations = Facet("cloudformation.operations", level=ACCOUNT)

SUCCESS_RATE = "cloudformation_update_success_rate"
WINDOW, EVENT_EVERY = timedelta(days=30), timedelta(minutes=2)
LEAST, LEAST_PERCENT = 5, 90

# AWS tells these of a stack although botocore's model of events does not list them.
CLEANING_UP = Undocumented("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
IN_REVIEW = Undocumented("REVIEW_IN_PROGRESS")

UPDATED = ("UPDATE_IN_PROGRESS", CLEANING_UP, "UPDATE_COMPLETE")
ROLLED_BACK = ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
CONTINUED = (
    "UPDATE_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
)
CREATED = (IN_REVIEW, "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
NEVER_CREATED = ("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE")
UNDONE = ("CREATE_IN_PROGRESS", "CREATE_FAILED", "DELETE_IN_PROGRESS", "DELETE_COMPLETE")
DELETED = ("DELETE_IN_PROGRESS", "DELETE_COMPLETE")

ENDS = ("_COMPLETE", "_FAILED")
SUCCEED = (CREATED, UPDATED, DELETED)

Operation = tuple[datetime, tuple[str, ...]]
"""When its last event came, and the statuses of the stack."""

BEGIN_TO_FAIL = {
    "ROLLBACK_IN_PROGRESS": "CREATE_FAILED",
    "CREATE_FAILED": "CREATE_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_FAILED",
}
"""Statuses of a stack and what a resource of it says just before."""


def operated(place: Place, name: str, *found: Operation) -> Record:
    """What a stack has of its operations, and when each ended and whether well."""
    return {
        "_events": _events(place, name, *found),
        "_ended": [(_ended_at(*each), each[1] in SUCCEED) for each in found],
    }


def _ended_at(last: datetime, statuses: tuple[str, ...]) -> datetime:
    """When the stack first stood still: what follows belongs to the same operation."""
    first = next(n for n, status in enumerate(statuses) if status.endswith(ENDS))
    return last - EVENT_EVERY * (len(statuses) - 1 - first)


def _events(place: Place, name: str, *found: Operation) -> list[Record]:
    """Events of operations, each of which ends at an instant, newest first."""
    events = []
    for ended, statuses in found:
        for index, status in enumerate(statuses):
            at = ended - EVENT_EVERY * (len(statuses) - 1 - index)
            if status in BEGIN_TO_FAIL:
                events.append(_event(place, name, at, BEGIN_TO_FAIL[status], "Queue"))
            events.append(_event(place, name, at, status, name, is_start=index == 0))
    return events[::-1]


def _event(
    place: Place, name: str, at: datetime, status: str, logical_id: str, *, is_start: bool = False
) -> Record:
    is_own = logical_id == name
    return {
        "StackId": stack_id(place, name),
        "EventId": place.uuid(f"{name} {logical_id} {status} {at:%d%H%M%S}"),
        "StackName": name,
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": stack_id(place, name) if is_own else f"{name}-{logical_id}",
        "ResourceType": STACK if is_own else "AWS::SQS::Queue",
        "Timestamp": at,
        "ResourceStatus": status,
        "ResourceStatusReason": "User Initiated" if is_start else None,
    }


def _minutes(place: Place, count: int, days: int = 3) -> list[datetime]:
    """Instants an hour apart, the oldest first."""
    return [place.ago(days=days, hours=count - number) for number in range(count)]


def _put(place: Place, name: str, ended: list[datetime], kinds: list[tuple[str, ...]]) -> None:
    """The names differ from account to account: no stack is the rehearsal of another."""
    name = f"{name}-{place.account.number}"
    found = operated(place, name, *zip(ended, kinds, strict=True))
    put_stack(place, name, LastUpdatedTime=ended[-1] - timedelta(minutes=4), **found)


@account_answers
def expect_success_rate(account: AccountPlace, places: list[Place]) -> None:
    """It changes whenever an operation leaves the window."""
    stacks = [stack for place in places for stack in place.all(STACKS)]
    found: list[tuple[datetime, bool]] = sorted(e for s in stacks for e in s.get("_ended", ()))
    turns = [(_rate(found[number:]), at + WINDOW) for number, (at, _) in enumerate(found)]
    expect_turns(account, SUCCESS_RATE, turns, "not_applicable")


def _rate(found: list[tuple[datetime, bool]]) -> str:
    if len(found) < LEAST:
        return "not_applicable"
    succeeded = sum(is_success for _, is_success in found)
    return "pass" if 100 * succeeded >= LEAST_PERCENT * len(found) else "fail"


@operations.variant("succeeding", characters={"exemplary": 3, "ordinary": 2, "locked_down": 1})
def succeeding(account: AccountPlace) -> None:
    ended = _minutes(account.home, 6)
    _put(account.home, "platform", ended, [CREATED, *[UPDATED] * 5])


@operations.variant("failing", characters={"ordinary": 1, "neglected": 3, "new": 1})
def failing(account: AccountPlace) -> None:
    """In two regions together."""
    first, last = account.regions()[0], account.regions()[:2][-1]
    ended = _minutes(account.home, 5)
    _put(first, "platform", ended[:3], [UPDATED, ROLLED_BACK, UPDATED])
    _put(last, "platform-edge", ended[3:], [ROLLED_BACK, UPDATED])


@operations.variant("few", characters={"new": 3, "locked_down": 2, "ordinary": 1})
def few(account: AccountPlace) -> None:
    """Fewer than five in the window, and one that ended a second before it."""
    ended = [account.ago(days=30, seconds=1), *_minutes(account.home, 4)]
    _put(account.home, "platform", ended, [ROLLED_BACK] * 5)


@operations.variant("just_enough", characters={"ordinary": 1, "exemplary": 1})
def just_enough(account: AccountPlace) -> None:
    """Nine of ten: a rollback that failed and was continued is one failure."""
    ended = _minutes(account.home, 10)
    _put(account.home, "platform", ended, [CONTINUED, *[UPDATED] * 9])


@operations.variant("a_little_less", characters={"ordinary": 1, "neglected": 1})
def a_little_less(account: AccountPlace) -> None:
    """Eight of nine."""
    ended = _minutes(account.home, 9)
    _put(account.home, "platform", ended, [*[UPDATED] * 8, ROLLED_BACK])


@operations.variant("deleted_since", characters={"new": 1, "neglected": 1})
def deleted_since(account: AccountPlace) -> None:
    """Stacks that failed and were deleted; CloudFormation undid one of them by itself."""
    ended = _minutes(account.home, 6)
    for number in range(2):
        pair = ended[2 * number : 2 * number + 2]
        _put_gone(account.home, f"trial-{number}", pair, [NEVER_CREATED, DELETED])
    _put_gone(account.home, "trial-undone", ended[4:5], [UNDONE])


def _put_gone(place: Place, name: str, ended: list[datetime], kinds: list[tuple[str, ...]]) -> None:
    put_deleted(
        place,
        name,
        ended[-1],
        CreationTime=ended[0] - timedelta(hours=1),
        LastUpdatedTime=None,
        **operated(place, name, *zip(ended, kinds, strict=True)),
    )
