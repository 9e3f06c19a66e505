"""The answer key: which check must say what, for which resource."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from simulator.facets.base import all_account_answers

if TYPE_CHECKING:
    from simulator.world import World

AWS_GLOBAL = "aws-global"
AWS_ORGANIZATION = "aws-organization"
STATUSES = ("pass", "fail", "unknown", "not_applicable")


class Subject(NamedTuple):
    """What an answer is about; `resource` is the fact's identity, or "" at a wider scope."""

    check: str
    account: str
    region: str
    resource: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The status until the instant (exclusive), and the one it then turns into by itself.

    `later` holds further turns: each its instant and the status from there on.
    """

    status: str
    until: datetime | None = None
    then: str | None = None
    later: tuple[tuple[datetime, str], ...] = ()

    def __post_init__(self) -> None:
        for status in (self.status, self.then or self.status):
            if status not in STATUSES:
                raise ValueError(f"status {status!r} is none of {', '.join(STATUSES)}")
        if (self.until is None) != (self.then is None):
            raise ValueError("`until` and `then` belong together")

    def at(self, instant: datetime) -> str:
        if self.until is None or self.then is None or instant < self.until:
            return self.status
        turned = [status for turn, status in self.later if turn <= instant]
        return turned[-1] if turned else self.then


Key = dict[Subject, Answer]
Transition = tuple[str | None, str | None]


class Reason(StrEnum):
    """Why something of the world cannot be collected."""

    SUSPENDED = "suspended"
    ROLE_MISSING = "role_missing"
    EXTERNAL_ID = "external_id"
    DENIED_BY_POLICY = "denied_by_policy"
    REGION_DISABLED = "region_disabled"
    ACCESS_DENIED = "access_denied"


class NotCollected(NamedTuple):
    """An account (`region` ""), a region of it, or one operation of it ("xray:GetServiceGraph")."""

    account: str
    region: str
    operation: str
    reason: Reason


def key(world: "World") -> Key:
    """Every answer of the world on its day. Places that no scan collects have none.

    A check that reads an operation which `not_collected` names is answered here as if it were
    collected: which checks read it is knowledge of the product.
    """
    answers: Key = dict(world.organization_place.sheet.all())
    for account in world.accounts:
        if not world.is_reachable(account):
            continue
        place = world.account_place(account.id)
        collected = [p for p in place.regions() if world.is_collected(account, p.region)]
        for declare in all_account_answers():
            declare(place, collected)
        answers |= {
            subject: answer
            for subject, answer in place.sheet.all().items()
            if subject.region not in world.regions or world.is_collected(account, subject.region)
        }
    return answers


def not_collected(world: "World") -> list[NotCollected]:
    """What a scan of all accounts and regions must report as not collected, without faults."""
    found = []
    for account in world.accounts:
        reason = world.unreachable_reason(account)
        if reason:
            found.append(NotCollected(account.id, "", "", Reason(reason)))
            continue
        for region in world.regions:
            if world.is_denied_by_policy(account, region):
                found.append(NotCollected(account.id, region, "", Reason.DENIED_BY_POLICY))
            elif not world.is_region_enabled(account, region):
                found.append(NotCollected(account.id, region, "", Reason.REGION_DISABLED))
            elif operation := world.denied_operation(account):
                found.append(NotCollected(account.id, region, operation, Reason.ACCESS_DENIED))
    return found


def transitions(before: Key, after: Key) -> dict[Subject, Transition]:
    """The subjects whose status differs, with both; None is a subject that is not there."""
    changes: dict[Subject, Transition] = {}
    for subject in before.keys() | after.keys():
        was = before[subject].status if subject in before else None
        now = after[subject].status if subject in after else None
        if was != now:
            changes[subject] = (was, now)
    return changes


def as_json(world: "World") -> str:
    """The key as one JSON object, sorted, for those who read it from outside."""
    answers = [
        {
            **subject._asdict(),
            "status": answer.status,
            "until": answer.until and answer.until.isoformat(),
            "then": answer.then,
            "later": [(turn.isoformat(), status) for turn, status in answer.later],
        }
        for subject, answer in sorted(key(world).items())
    ]
    content = {
        "seed": world.seed,
        "day": world.day,
        "epoch": world.epoch.isoformat(),
        "answers": answers,
        "not_collected": [entry._asdict() for entry in not_collected(world)],
    }
    return json.dumps(content, indent=1)
