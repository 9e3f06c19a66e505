"""The default world, collected with boto3 from a simulator and judged: results by subject."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from botocore.credentials import Credentials

from accounts.environments import (
    default_environment_rules,
    environment_of,
    parse_environment_rules,
)
from findings.checks.base import Result, Run, built_in, kinds_of, run
from findings.checks.context import AccountContext, Horizon
from findings.facts.base import (
    AWS_GLOBAL,
    AWS_ORGANIZATION,
    Evidence,
    Fact,
    Place,
    Scope,
    ShardFacts,
    is_collected_at,
)
from simulator.answers import Subject
from simulator.organization import MANAGEMENT_ID, SimAccount
from simulator.world import World
from tests.direct import direct_clients
from workers.aws.collection import collect
from workers.aws.engine.pace import Unhurried
from workers.aws.sessions import AccountSession, Hub, RoleAccess

RULES = parse_environment_rules(default_environment_rules())


@dataclass
class Scanner:
    """Reads the accounts of a simulated organization; the time is the world's.

    One call at a time: in the simulator's own process more would only wait for each other.
    """

    world: World
    url: str

    def judge(self, checks: Iterable[str]) -> dict[Subject, Result]:
        """The results of checks of resource, region and account scope, in every account."""
        definitions = [built_in()[check] for check in checks]
        found = [self._judge_account(account, definitions) for account in self._reachable]
        return {subject: result for results in found for subject, result in results.items()}

    def judge_everywhere(self, checks: Iterable[str]) -> dict[Subject, Result]:
        """The results of checks of any scope over all that can be collected at once."""
        return self.judge_gathered(self.gather(checks), checks, self.world.clock())

    def gather(self, checks: Iterable[str]) -> Evidence:
        """All that checks read, of the organization and all accounts that can be collected."""
        kinds = kinds_of([built_in()[check] for check in checks])
        found = [self.collect(account, kinds) for account in self._reachable]
        shards = {place: facts for evidence in found for place, facts in evidence.shards.items()}
        wide = Place(MANAGEMENT_ID, AWS_ORGANIZATION)
        shards[wide] = self.collect_at(wide, kinds)
        return Evidence(shards)

    def collect_at(self, place: Place, kinds: Mapping[str, type[Fact]]) -> ShardFacts:
        """The facts of those of the kinds that are collected at a place."""
        session = self._session(place.account)
        here = [kind for kind, fact in kinds.items() if is_collected_at(fact, place)]
        return collect(session.region(place.region), here).facts

    def judge_gathered(
        self,
        evidence: Evidence,
        checks: Iterable[str],
        now: datetime,
        *,
        places: Iterable[Place] | None = None,
    ) -> dict[Subject, Result]:
        """The results of checks of any scope at an instant, at all places unless some are named."""
        definitions = [built_in()[check] for check in checks]
        accounts = {account.id: context_of(account) for account in self._reachable}
        given = Run(accounts=accounts, horizon=Horizon(now))
        return {
            Subject(result.check, result.account, result.region, result.resource): result
            for result in run(definitions, evidence, places or evidence.shards, given)
        }

    @property
    def _reachable(self) -> list[SimAccount]:
        return [account for account in self.world.accounts if self.world.is_reachable(account)]

    def collect(self, account: SimAccount, kinds: dict) -> Evidence:
        """All facts of the given kinds in an account's collected regions."""
        session = self._session(account.id)
        regions = [r for r in self.world.regions if self.world.is_collected(account, r)]
        places = [Place(account.id, region) for region in (AWS_GLOBAL, *regions)]
        shards = {}
        for place in places:
            here = [kind for kind, fact in kinds.items() if is_collected_at(fact, place)]
            shards[place] = collect(session.region(place.region), here).facts
        return Evidence(shards)

    @cached_property
    def _hub(self) -> Hub:
        """Enters each account once, as a scan does."""
        keys = self.world.credentials
        own = Credentials(keys.access_key_id, keys.secret_access_key)
        return Hub(credentials=own, clients=direct_clients())

    def _session(self, account: str) -> AccountSession:
        access = RoleAccess(external_id=self.world.external_id, endpoint_url=self.url)
        entered = self._hub.account(account, access)
        return AccountSession(
            account=entered.account,
            access=entered.access,
            credentials=entered.credentials,
            clients=entered.clients,
            clock=self.world.clock,
            paces=Unhurried(),
        )

    def _judge_account(self, account, definitions) -> dict[Subject, Result]:
        evidence = self.collect(account, kinds_of(definitions))
        given = Run(accounts={account.id: context_of(account)}, horizon=Horizon(self.world.clock()))
        local = [d for d in definitions if d.stage is not Scope.ORGANIZATION]
        return {
            Subject(result.check, result.account, result.region, result.resource): result
            for result in run(local, evidence, list(evidence.shards), given)
        }


def context_of(account: SimAccount) -> AccountContext:
    return AccountContext(
        id=account.id,
        name=account.name,
        ou_path=account.unit,
        environment=environment_of(RULES, tags=account.tags, ou_path=account.unit),
        tags=account.tags,
        is_management=account.is_management,
    )
