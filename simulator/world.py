"""A world: an organization built from a seed, whose places come into being when they are asked."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from time import time

from simulator import facets
from simulator.assignment import Assignment
from simulator.clock import Clock
from simulator.credentials import Credentials, user_credentials
from simulator.days import Change
from simulator.facets.base import Facet, Level, default_answers_of, facet_named, facets_of
from simulator.faults import Faults
from simulator.jobs import Jobs
from simulator.organization import (
    ACCOUNTS,
    MANAGEMENT_ID,
    ROLE_NAME,
    Condition,
    Organization,
    SimAccount,
    organization_on_day,
)
from simulator.places import AccountPlace, OrganizationPlace, Place, Spot

# The regions that every AWS account has without opting in, the demo's three first.
REGIONS = (
    "us-east-1",
    "eu-west-1",
    "ap-southeast-2",
    "eu-central-1",
    "us-west-2",
    "us-east-2",
    "us-west-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ca-central-1",
    "eu-north-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
)
# Regions that no account has opted in to.
OPT_IN_REGIONS = ("af-south-1", "me-south-1")
MAX_ACCOUNTS = 2000
CACHED_ACCOUNTS = 48
COVERED_REGIONS = 3
DENIED_OPERATION = "xray:GetServiceGraph"


class World:
    """The organization on one day, with its faults; two worlds of equal arguments are equal.

    `accounts` counts those of day 1. `epoch` is the instant that stable records are dated from;
    it defaults to the real now in whole seconds. A bare world is as AWS hands it over: no facet
    puts anything into it.
    """

    def __init__(
        self,
        seed: int = 1,
        accounts: int = 24,
        regions: int = 3,
        day: int = 1,
        epoch: datetime | None = None,
        faults: Sequence[str] = (),
        changes: Sequence[Change] = (),
        *,
        is_bare: bool = False,
    ) -> None:
        if not 1 <= accounts <= MAX_ACCOUNTS:
            raise ValueError(f"accounts must be between 1 and {MAX_ACCOUNTS}, got {accounts}")
        if not 1 <= regions <= len(REGIONS):
            raise ValueError(f"regions must be between 1 and {len(REGIONS)}, got {regions}")
        facets.load()
        self.seed = seed
        self.size = accounts
        self.is_bare = is_bare
        self.regions = REGIONS[:regions]
        self.epoch = epoch or datetime.now(UTC).replace(microsecond=0)
        self.faults = Faults(faults, seed)
        self.changes = tuple(_known_changes(changes))
        self.role_name = ROLE_NAME
        self._clock = Clock(self.epoch)
        self.jobs = Jobs(self.clock)
        self.lock = threading.RLock()  # places are built by one thread at a time
        self.move_to_day(day)

    # time
    def move_to_day(self, day: int) -> None:
        """Applies (or takes back) the changes of the days up to this one."""
        if day < 1:
            raise ValueError(f"day must be 1 or more, got {day}")
        with self.lock:
            self.day = day
            self.organization: Organization = organization_on_day(self.seed, self.size, day)
            self.assignment = Assignment(
                seed=self.seed, day=day, slots=self._covered_slots(), changes=self.changes
            )
            self._accounts: OrderedDict[str, AccountPlace] = OrderedDict()
            self._organization_place: OrganizationPlace | None = None

    def clock(self) -> datetime:
        """The instant of fields that move: another one at every look."""
        return self._clock.look()

    def seconds(self) -> int:
        """What sessions expire by: the real time, or the clock where that is ahead of it."""
        return int(max(time(), self._clock.reading().timestamp()))

    def set_clock(self, instant: datetime) -> None:
        """Moves the clock of volatile fields; nothing that stands moves with it."""
        self._clock.set(instant)

    def set_epoch(self, instant: datetime) -> None:
        """Dates everything from another instant, the clock too: the same world, begun then."""
        with self.lock:
            self.set_clock(instant)
            self.epoch = instant
            self.move_to_day(self.day)

    # the organization
    @property
    def accounts(self) -> list[SimAccount]:
        return list(self.organization.accounts.values())

    def account(self, account_id: str) -> SimAccount | None:
        return self.organization.accounts.get(account_id)

    @property
    def external_id(self) -> str:
        return f"cairn-{self.organization.id}"

    @property
    def credentials(self) -> Credentials:
        """The keys of a user of the management account."""
        return user_credentials(MANAGEMENT_ID)

    def is_denied_by_policy(self, account: SimAccount, region: str) -> bool:
        """A service control policy of the Sandbox unit denies the last of several regions."""
        return account.unit == "Sandbox" and len(self.regions) > 1 and region == self.regions[-1]

    def is_region_enabled(self, account: SimAccount, region: str) -> bool:
        if region not in self.regions:
            return False
        is_off = account.condition is Condition.REGION_OFF and len(self.regions) > 1
        return not (is_off and region == self.regions[-1])

    def unreachable_reason(self, account: SimAccount) -> str | None:
        """Why the scanner's role cannot be assumed in this account; None if it can."""
        if account.state != "ACTIVE":
            return "suspended"
        if account.condition in (Condition.ROLE_MISSING, Condition.EXTERNAL_ID):
            return account.condition
        return None

    def is_reachable(self, account: SimAccount) -> bool:
        return self.unreachable_reason(account) is None

    def denied_operation(self, account: SimAccount) -> str | None:
        """The `service:Operation` that the scanner's role may not call in this account."""
        return DENIED_OPERATION if account.condition is Condition.OPERATION_DENIED else None

    def is_collected(self, account: SimAccount, region: str) -> bool:
        return (
            self.is_reachable(account)
            and self.is_region_enabled(account, region)
            and not self.is_denied_by_policy(account, region)
        )

    def _covered_slots(self) -> list[tuple[SimAccount, str]]:
        """The places among which every variant stands: those of the default world, on day 1,
        that a scan sees whole.
        """
        first_day = organization_on_day(self.seed, min(self.size, len(ACCOUNTS)), day=1)
        return [
            (account, region)
            for account in first_day.accounts.values()
            for region in self.regions[:COVERED_REGIONS]
            if self.is_collected(account, region) and not self.denied_operation(account)
        ]

    # places
    @property
    def organization_place(self) -> OrganizationPlace:
        with self.lock:
            if self._organization_place is None:
                place = self._organization_place = OrganizationPlace(self)
                for facet in self._facets(Level.ORGANIZATION):
                    self.assignment.of_organization(facet).build(place)
                _fill_defaults(place)
            return self._organization_place

    def account_place(self, account_id: str) -> AccountPlace:
        with self.lock:
            place = self._accounts.get(account_id)
            if place is None:
                place = self._accounts[account_id] = self._built_account(account_id)
            self._accounts.move_to_end(account_id)
            while len(self._accounts) > CACHED_ACCOUNTS:
                self._accounts.popitem(last=False)
            return place

    def place(self, account_id: str, region: str) -> Place:
        return self.account_place(account_id).region(region)

    def places(self) -> Iterator[Place]:
        """Every place that a scan collects."""
        for account in self.accounts:
            for region in self.regions:
                if self.is_collected(account, region):
                    yield self.place(account.id, region)

    def _facets(self, level: Level) -> Iterable[Facet]:
        return () if self.is_bare else facets_of(level)

    def _built_account(self, account_id: str) -> AccountPlace:
        account = self.organization.accounts[account_id]
        place = AccountPlace(self, account, self._build_region)
        staged = self.organization_place.staged.get(account_id)
        if staged is not None:
            place.adopt(staged)
        for facet in self._facets(Level.ACCOUNT):
            self.assignment.of_account(facet, account).build(place)
        place.is_building = False
        _fill_defaults(place)
        return place

    def _build_region(self, place: Place) -> None:
        for facet in self._facets(Level.REGION):
            self.assignment.of_region(facet, place.account, place.region).build(place)
        _fill_defaults(place)


def _known_changes(changes: Sequence[Change]) -> Iterator[Change]:
    for change in changes:
        facet = facet_named(change.facet)
        if facet is None or change.variant not in facet.variants:
            raise ValueError(f"no facet has the variant {change.facet}/{change.variant}")
        yield change


def _fill_defaults(place: Spot) -> None:
    place.sheet.is_filling_defaults = True
    try:
        for collection, records in place.records.items():
            for answers in default_answers_of(collection):
                for record in records:
                    answers(place, record)
    finally:
        place.sheet.is_filling_defaults = False
