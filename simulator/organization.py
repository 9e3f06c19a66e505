"""The simulated organization: its units, accounts, teams and what changes by day."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from simulator.stable import stable_number

MANAGEMENT_ID = "100000000001"
FIRST_ID = int(MANAGEMENT_ID)
ROLE_NAME = "CairnScanner"


class Character(StrEnum):
    EXEMPLARY = "exemplary"
    ORDINARY = "ordinary"
    NEGLECTED = "neglected"
    NEW = "new"
    LOCKED_DOWN = "locked_down"


class Condition(StrEnum):
    """What keeps a part of an account from being collected."""

    ROLE_MISSING = "role_missing"
    EXTERNAL_ID = "external_id"
    OPERATION_DENIED = "operation_denied"
    REGION_OFF = "region_off"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """An organizational unit; `path` is its names joined by "/"."""

    id: str
    path: str
    parent_id: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class SimAccount:
    """An account as Organizations knows it; `unit` is a unit's path, "" is the root."""

    id: str
    number: int
    name: str
    email: str
    unit: str
    character: Character
    joined_days_ago: int
    state: str = "ACTIVE"
    condition: Condition | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The older field beside `state`, which knows fewer values.

        https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
        """
        return "SUSPENDED" if self.state == "CLOSED" else self.state

    @property
    def is_management(self) -> bool:
        return self.id == MANAGEMENT_ID


@dataclass(frozen=True, kw_only=True)
class Organization:
    """`accounts` holds every account of this day by id, the management account first."""

    id: str
    root_id: str
    units: tuple[Unit, ...]
    accounts: dict[str, SimAccount]
    delegated_administrator: str | None

    @property
    def arn(self) -> str:
        return f"arn:aws:organizations::{MANAGEMENT_ID}:organization/{self.id}"

    def unit(self, path: str) -> Unit:
        return next(unit for unit in self.units if unit.path == path)

    def children(self, parent_id: str) -> list[SimAccount]:
        return [
            account for account in self.accounts.values() if self.parent_id(account) == parent_id
        ]

    def parent_id(self, account: SimAccount) -> str:
        return self.unit(account.unit).id if account.unit else self.root_id


UNIT_PATHS = (
    "Security",
    "Infrastructure",
    "Workloads",
    "Workloads/Prod",
    "Workloads/NonProd",
    "Sandbox",
    "Suspended",
)
# The accounts of the default world in order: name, unit, team, application, condition. The order
# gives small worlds a bit of everything.
ACCOUNTS: tuple[tuple[str, str, str, str, Condition | None], ...] = (
    ("management", "", "platform", "landing-zone", None),
    ("security-audit", "Security", "security", "audit", None),
    ("payments-prod", "Workloads/Prod", "payments", "payments", None),
    ("payments-nonprod", "Workloads/NonProd", "payments", "payments", None),
    ("sandbox-mobile", "Sandbox", "mobile", "experiments", None),
    ("log-archive", "Security", "security", "logs", None),
    ("shared-services", "Infrastructure", "platform", "shared", None),
    ("identity-prod", "Workloads/Prod", "identity", "sign-in", None),
    ("identity-nonprod", "Workloads/NonProd", "identity", "sign-in", None),
    ("network", "Infrastructure", "platform", "network", None),
    ("shop-prod", "Workloads/Prod", "web", "shop", None),
    ("shop-nonprod", "Workloads/NonProd", "web", "shop", Condition.ROLE_MISSING),
    ("analytics-prod", "Workloads/Prod", "data", "analytics", Condition.OPERATION_DENIED),
    ("analytics-nonprod", "Workloads/NonProd", "data", "analytics", None),
    ("sandbox-data", "Sandbox", "data", "experiments", None),
    ("search-prod", "Workloads/Prod", "web", "search", None),
    ("search-nonprod", "Workloads/NonProd", "web", "search", Condition.EXTERNAL_ID),
    ("backup", "Infrastructure", "platform", "backup", None),
    ("mobile-prod", "Workloads/Prod", "mobile", "app", Condition.REGION_OFF),
    ("mobile-nonprod", "Workloads/NonProd", "mobile", "app", None),
    ("retired-billing", "Suspended", "payments", "billing", None),
    ("reports-prod", "Workloads/Prod", "data", "reports", None),
    ("sandbox-web", "Sandbox", "web", "experiments", None),
    ("partners-prod", "Workloads/Prod", "identity", "partners", None),
)
TEAMS = ("payments", "identity", "web", "data", "mobile")
CHARACTERS = (
    Character.ORDINARY,
    Character.EXEMPLARY,
    Character.ORDINARY,
    Character.NEGLECTED,
    Character.NEW,
    Character.EXEMPLARY,
    Character.LOCKED_DOWN,
    Character.ORDINARY,
    Character.NEGLECTED,
    Character.NEW,
)


def organization_on_day(seed: int, accounts: int, day: int) -> Organization:
    """The organization of `accounts` accounts (of day 1) as it stands on `day`."""
    mark = f"{stable_number(seed, 'organization') % 36**10:010d}"[:10]
    root_id = f"r-{mark[:4]}"
    found = [_account(seed, number) for number in range(accounts)]
    if day >= 2:
        found = _second_day(seed, found)
    if day >= 3:
        found = _changed(found, {"retired-billing": {"state": "CLOSED"}})
    by_id = {account.id: account for account in found}
    security = next((a.id for a in found if a.name == "security-audit"), None)
    return Organization(
        id=f"o-{mark}",
        root_id=root_id,
        units=_units(root_id),
        accounts=by_id,
        delegated_administrator=security,
    )


def _units(root_id: str) -> tuple[Unit, ...]:
    mark = root_id.removeprefix("r-")
    ids = {path: f"ou-{mark}-{stable_number(path) % 16**8:08x}" for path in UNIT_PATHS}
    return tuple(
        Unit(id=ids[path], path=path, parent_id=ids.get(path.rpartition("/")[0], root_id))
        for path in UNIT_PATHS
    )


def _account(seed: int, number: int) -> SimAccount:
    if number < len(ACCOUNTS):
        name, unit, team, application, condition = ACCOUNTS[number]
    else:
        name, unit, team, application, condition = _further_account(number)
    character = CHARACTERS[(number + seed - 1) % len(CHARACTERS)]
    return SimAccount(
        id=str(FIRST_ID + number),
        number=number,
        name=name,
        email=f"aws+{name}@example.com",
        unit=unit,
        character=character,
        joined_days_ago=20 if character is Character.NEW else 200 + 7 * (number % 60),
        state="SUSPENDED" if unit == "Suspended" else "ACTIVE",
        condition=condition,
        tags=_tags(unit, team, application, character),
    )


def _further_account(number: int) -> tuple[str, str, str, str, Condition | None]:
    team = TEAMS[number % len(TEAMS)]
    stage, unit = (
        ("sandbox", "Sandbox")
        if number % 10 == 9
        else ("prod", "Workloads/Prod")
        if number % 2
        else ("nonprod", "Workloads/NonProd")
    )
    return f"{team}-{number}-{stage}", unit, team, f"service-{number // 2}", None


def _tags(unit: str, team: str, application: str, character: Character) -> dict[str, str]:
    if character is Character.NEGLECTED:
        return {"Application": application}
    environment = {"Workloads/Prod": "production", "Workloads/NonProd": "test"}.get(
        unit, "sandbox" if unit == "Sandbox" else "shared"
    )
    return {
        "Owner": f"{team}@example.com",
        "Team": team,
        "Environment": environment,
        "Application": application,
    }


def _second_day(seed: int, accounts: list[SimAccount]) -> list[SimAccount]:
    """One account joined, one moved, one was renamed, one suspended."""
    changes = {
        "sandbox-mobile": {"unit": "Workloads/NonProd"},
        "reports-prod": {"name": "reporting-prod"},
        "analytics-nonprod": {"state": "SUSPENDED", "unit": "Suspended"},
    }
    joined = replace(
        _account(seed, len(accounts)),
        name="loyalty-prod",
        email="aws+loyalty-prod@example.com",
        unit="Workloads/Prod",
        state="ACTIVE",
        condition=None,
        character=Character.NEW,
        joined_days_ago=1,
    )
    return [*_changed(accounts, changes), joined]


def _changed(
    accounts: list[SimAccount], changes: Mapping[str, Mapping[str, str]]
) -> list[SimAccount]:
    """The accounts, those named with other members."""
    return [
        replace(account, **changes[account.name])  # type: ignore[arg-type]
        if account.name in changes
        else account
        for account in accounts
    ]
