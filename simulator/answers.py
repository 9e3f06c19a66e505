"""The answer key: which check must say what, for which resource."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

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
    """The status until the instant (exclusive), and the one it then turns into by itself."""

    status: str
    until: datetime | None = None
    then: str | None = None

    def __post_init__(self) -> None:
        for status in (self.status, self.then or self.status):
            if status not in STATUSES:
                raise ValueError(f"status {status!r} is none of {', '.join(STATUSES)}")
        if (self.until is None) != (self.then is None):
            raise ValueError("`until` and `then` belong together")

    def at(self, instant: datetime) -> str:
        if self.until is None or self.then is None or instant < self.until:
            return self.status
        return self.then


Key = dict[Subject, Answer]


def key(world: "World") -> Key:
    """Every answer of the world on its day. Places that no scan collects have none."""
    answers: Key = dict(world.organization_place.sheet.all())
    for account in world.accounts:
        if not world.is_reachable(account):
            continue
        place = world.account_place(account.id)
        for region in world.regions:
            place.region(region)
        answers |= {
            subject: answer
            for subject, answer in place.sheet.all().items()
            if subject.region not in world.regions or world.is_collected(account, subject.region)
        }
    return answers


def transitions(before: Key, after: Key) -> dict[Subject, tuple[str | None, str | None]]:
    """The subjects whose status differs, with both; None is a subject that is not there."""
    changes = {}
    for subject in before.keys() | after.keys():
        was, now = before.get(subject), after.get(subject)
        if (was and was.status) != (now and now.status):
            changes[subject] = (was and was.status, now and now.status)
    return changes
