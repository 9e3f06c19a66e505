"""What a scan costs in calls, counted against simulated accounts.

Fixed calls are made for a place in which nothing stands but what AWS gives every account by
itself; what a full world needs beyond them is told per fact of the service.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from botocore.credentials import Credentials

from findings.checks.base import built_in, kinds_of
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION, Gap, Place, is_collected_at
from simulator.organization import MANAGEMENT_ID
from simulator.server import serve
from simulator.world import MAX_ACCOUNTS as MOST_ACCOUNTS
from simulator.world import World
from workers.aws.access import RoleAccess
from workers.aws.collection import Collection, collect
from workers.aws.engine.pace import Unhurried
from workers.aws.sessions import AccountSession, Hub
from workers.collectors.base import collectors

MOST_CALLS = 30
"""Of the ten services of the pillar together, in a region in which nothing stands. What each of
them is for is told in docs/catalogue-decisions.md.
"""

PILLAR = (
    "cloudformation",
    "config",
    "ssm",
    "cloudtrail",
    "cloudwatch",
    "xray",
    "codecommit",
    "codebuild",
    "codedeploy",
    "codepipeline",
)
PARTS = {"logs": "cloudwatch", "events": "cloudwatch"}
"""Services that the pillar counts as part of another."""

FEWEST_ACCOUNTS = 4
"""In smaller worlds not every account stands that the organization's own records name."""

ACCOUNTS_AT_ONCE = 4
NOT_ANSWERED = ("SimulatorMisfit", "NotImplementedBySimulator")

Operations = Counter[str]

__all__ = [
    "FEWEST_ACCOUNTS",
    "MOST_ACCOUNTS",
    "MOST_CALLS",
    "NotCounted",
    "ServiceBudget",
    "call_budgets",
    "fixed_of_pillar",
]


class NotCounted(Exception):
    """The simulator has no answer to a call, so that what depends on it was not called."""


@dataclass(frozen=True, kw_only=True)
class ServiceBudget:
    """The calls of one service: fixed ones by operation, and those of a full world."""

    service: str
    region: Mapping[str, int]
    account: Mapping[str, int]
    organization: Mapping[str, int]
    further_calls: int
    facts: int

    @property
    def is_of_pillar(self) -> bool:
        return self.service in PILLAR

    @property
    def calls_per_fact(self) -> float | None:
        """None where the full world has no fact of the service."""
        return self.further_calls / self.facts if self.facts else None


def fixed_of_pillar(budgets: Iterable[ServiceBudget]) -> int:
    """The fixed calls of the ten services in one region."""
    return sum(sum(budget.region.values()) for budget in budgets if budget.is_of_pillar)


def call_budgets(accounts: int) -> list[ServiceBudget]:
    """The budget of every service; the full world has so many accounts."""
    empty, full = World(accounts=1, regions=1, is_bare=True), World(accounts=accounts)
    fixed = {_scope(place): _calls(found) for place, found in _collections(empty)}
    further: Operations = Counter()
    facts: Counter[str] = Counter()
    for place, found in _collections(full):
        further.update(_by_service(_calls(found)))
        further.subtract(_by_service(fixed[_scope(place)]))
        facts.update(_facts(found))
    names = {_service(name) for counts in fixed.values() for name in counts} | further.keys()
    return [
        ServiceBudget(
            service=name,
            region=_of_service(fixed[""], name),
            account=_of_service(fixed[AWS_GLOBAL], name),
            organization=_of_service(fixed[AWS_ORGANIZATION], name),
            further_calls=further[name],
            facts=facts[name],
        )
        for name in sorted(names, key=lambda name: (name not in PILLAR, name))
    ]


def _collections(world: World) -> Iterator[tuple[Place, Collection]]:
    """All places of a world that can be collected, each with what was found there."""
    with serve(world) as url, ThreadPoolExecutor(ACCOUNTS_AT_ONCE) as pool:
        reachable = [account.id for account in world.accounts if world.is_reachable(account)]
        for found in pool.map(lambda account: _collected(world, url, account), reachable):
            yield from found


def _collected(world: World, url: str, account_id: str) -> list[tuple[Place, Collection]]:
    account = world.organization.accounts[account_id]
    session = _session(world, url, account_id)
    regions = [region for region in world.regions if world.is_collected(account, region)]
    wide = [AWS_ORGANIZATION] if account_id == MANAGEMENT_ID else []
    return [
        (place, collect(session.region(place.region), _kinds_at(place)))
        for place in (Place(account_id, region) for region in (AWS_GLOBAL, *wide, *regions))
    ]


def _session(world: World, url: str, account_id: str) -> AccountSession:
    keys = world.credentials
    hub = Hub(credentials=Credentials(keys.access_key_id, keys.secret_access_key))
    access = RoleAccess(external_id=world.external_id, endpoint_url=url)
    return AccountSession(
        account=account_id,
        access=access,
        credentials=hub.account(account_id, access).credentials,
        clients=hub.clients,
        clock=world.clock,
        paces=Unhurried(),
    )


def _kinds_at(place: Place) -> list[str]:
    kinds = kinds_of(list(built_in().values()))
    return [kind for kind, fact in kinds.items() if is_collected_at(fact, place)]


def _scope(place: Place) -> str:
    return place.region if place.region in (AWS_GLOBAL, AWS_ORGANIZATION) else ""


def _calls(found: Collection) -> Operations:
    for call in found.calls:
        if call.code in NOT_ANSWERED:
            raise NotCounted(f"{call.operation} in {call.region}: {call.code}")
    return Counter(call.operation for call in found.calls)


def _facts(found: Collection) -> Iterator[str]:
    """The service of each fact: that of the operation by which its collector begins."""
    for kind, facts in found.facts.items():
        if not isinstance(facts, Gap):
            yield from [_service(collectors()[kind].operations[0])] * len(facts)


def _service(operation: str) -> str:
    name = operation.partition(":")[0]
    return PARTS.get(name, name)


def _by_service(operations: Operations) -> Operations:
    counts: Operations = Counter()
    for operation, calls in operations.items():
        counts[_service(operation)] += calls
    return counts


def _of_service(operations: Operations, service: str) -> dict[str, int]:
    return {name: n for name, n in sorted(operations.items()) if _service(name) == service}
