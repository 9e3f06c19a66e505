"""Where records stand: a region of an account, an account, the organization.

Facet variants put records and declare answers here; operations read the records back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

from simulator.answers import AWS_GLOBAL, AWS_ORGANIZATION, Answer, Subject
from simulator.organization import MANAGEMENT_ID, SimAccount
from simulator.stable import stable_number, stable_random

if TYPE_CHECKING:
    from simulator.world import World

Record = dict[str, Any]
Records = dict[str, list[Record]]


class Contradiction(Exception):
    """Two variants expect different answers of one check for one resource."""


@dataclass
class AnswerSheet:
    """The answers declared while the places of one account (or the organization) were built."""

    answers: dict[Subject, Answer] = field(default_factory=dict)
    defaults: dict[Subject, Answer] = field(default_factory=dict)
    is_filling_defaults: bool = False

    def declare(self, subject: Subject, answer: Answer) -> None:
        into = self.defaults if self.is_filling_defaults else self.answers
        known = into.setdefault(subject, answer)
        if known is not answer and known != answer:
            raise Contradiction(f"{subject}: {known} or {answer}")

    def all(self) -> dict[Subject, Answer]:
        return self.defaults | self.answers


class Spot:
    """What every kind of place offers: time, names, records, answers.

    `scope` is the region that its answers name: a region, `aws-global` or `aws-organization`.
    """

    def __init__(self, world: "World", account: SimAccount, sheet: AnswerSheet, scope: str) -> None:
        self.world = world
        self.account = account
        self.day = world.day
        self.sheet = sheet
        self.scope = scope
        self.records: Records = {}

    # time
    def ago(self, **timedelta_parts: float) -> datetime:
        """A constant instant before the epoch, e.g. `ago(days=3)`; it never moves with days."""
        return self.world.epoch - timedelta(**timedelta_parts)

    def day_start(self, day: int) -> datetime:
        """When a day of the world began: day 3 begins at the epoch."""
        return self.ago(days=3 - day)

    def clock(self) -> datetime:
        """The moving instant; call it from operations or through `moving`, not while building."""
        return self.world.clock()

    def moving(self, **timedelta_parts: float) -> Callable[[], datetime]:
        """A field that moves at every call: the clock at that moment less the parts given."""
        back = timedelta(**timedelta_parts)
        return lambda: self.world.clock() - back

    # names
    def random(self, name: str) -> Random:
        """Chance of this place that depends on seed, place and `name` alone."""
        return stable_random(self.world.seed, self.account.id, self.scope, name)

    def number(self, name: str, below: int) -> int:
        return stable_number(self.world.seed, self.account.id, self.scope, name) % below

    def hexadecimal(self, name: str, length: int = 8) -> str:
        """A stable id of `length` hexadecimal digits."""
        return f"{self.random(name).getrandbits(4 * length):0{length}x}"

    def uuid(self, name: str) -> str:
        digits = self.hexadecimal(name, 32)
        return "-".join(
            (digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:])
        )

    def arn(self, service: str, resource: str) -> str:
        """`arn:aws:<service>:<region>:<account>:<resource>`; no region for an account's place."""
        region = "" if self.scope in (AWS_GLOBAL, AWS_ORGANIZATION) else self.scope
        return f"arn:aws:{service}:{region}:{self.account.id}:{resource}"

    # records
    def put(self, collection: str, record: Record) -> Record:
        """Adds a record, shaped as AWS answers it; keys with an underscore stay here."""
        self.records.setdefault(collection, []).append(record)
        return record

    def all(self, collection: str) -> list[Record]:
        return self.records.get(collection, [])

    def find(self, collection: str, **members: object) -> Record | None:
        """The first record whose members all have these values."""
        return next(
            (
                record
                for record in self.all(collection)
                if all(record.get(name) == value for name, value in members.items())
            ),
            None,
        )

    # answers
    def expect(
        self,
        check_id: str,
        status: str,
        resource: str = "",
        until: datetime | None = None,
        then: str | None = None,
        region: str | None = None,
        account: str | None = None,
        later: tuple[tuple[datetime, str], ...] = (),
    ) -> None:
        """Declares what a check must say here: `status` until `until`, from there on `then`.

        `later` are further turns, in their order.
        """
        subject = Subject(check_id, account or self.account.id, region or self.scope, resource)
        turns = until or then or later
        answer = (
            Answer(status=status, until=until, then=then, later=later)
            if turns
            else _lasting(status)
        )
        self.sheet.declare(subject, answer)


@cache
def _lasting(status: str) -> Answer:
    """The answer that never turns: one for the thousands of things that have it."""
    return Answer(status=status)


class Place(Spot):
    """One region of one account."""

    def __init__(self, parent: "AccountPlace", region: str) -> None:
        super().__init__(parent.world, parent.account, parent.sheet, region)
        self.parent = parent
        self.region = region


class AccountPlace(Spot):
    """One account: its own (global) records, and its regions by `region(name)`.

    Answers that name no region are of account scope (`aws-global`).
    """

    def __init__(
        self, world: "World", account: SimAccount, build_region: Callable[[Place], None]
    ) -> None:
        super().__init__(world, account, AnswerSheet(), AWS_GLOBAL)
        self._build_region = build_region
        self._regions: dict[str, Place] = {}
        self._built: set[str] = set()
        self.is_building = True

    @property
    def home(self) -> Place:
        """The home region, which no policy denies."""
        return self.region(self.world.regions[0])

    def region(self, name: str) -> Place:
        """The place of one region; once the account itself is built, complete."""
        with self.world.lock:
            place = self._regions.get(name)
            if place is None:
                place = self._regions[name] = Place(self, name)
            if not self.is_building and name not in self._built:
                self._built.add(name)
                self._build_region(place)
            return place

    def regions(self) -> list[Place]:
        return [self.region(name) for name in self.world.regions]

    def adopt(self, staged: "AccountPlace") -> None:
        """Takes over what an organization's facets put into this account."""
        self.sheet.answers.update(staged.sheet.answers)
        for place, other in [(self, staged), *self._paired(staged)]:
            for collection, records in other.records.items():
                place.records.setdefault(collection, []).extend(records)

    def _paired(self, staged: "AccountPlace") -> list[tuple[Spot, Spot]]:
        return [(self.region(name), other) for name, other in staged._regions.items()]


class OrganizationPlace(Spot):
    """The organization; its answers name the management account and `aws-organization`.

    `member(account_id)` is an account to put into, region by region.
    """

    def __init__(self, world: "World") -> None:
        management = world.organization.accounts[MANAGEMENT_ID]
        super().__init__(world, management, AnswerSheet(), AWS_ORGANIZATION)
        self.staged: dict[str, AccountPlace] = {}

    def member(self, account_id: str) -> AccountPlace:
        if account_id not in self.staged:
            account = self.world.organization.accounts[account_id]
            self.staged[account_id] = AccountPlace(self.world, account, lambda place: None)
        return self.staged[account_id]
