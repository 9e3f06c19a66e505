"""``python -m benchmarks.evaluation [ACCOUNTS] [REGIONS]``: what judging stored evidence costs.

Collects a small simulated organization once and stores its evidence for so many accounts in so many
regions, each as one of the simulated; then evaluates every check over it, from the database and
without AWS, for a hundredth, a tenth and all of the accounts. Facts are those that were read,
results those of every check; nothing is written. Each row comes from a process of its own, which
tells its peak of resident memory, and how much of that it had before the first fact.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.steps import peak, run_program, run_step

if TYPE_CHECKING:
    from accounts.models import Account
    from findings.checks.base import Result, Run
    from findings.facts.base import Evidence, Place
    from findings.models import Scan
    from findings.packing import Packed

MODULE = "benchmarks.evaluation"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIMULATED = {"accounts": 8, "regions": 3}
HEAD = f"{'accounts':>8} {'regions':>7} {'facts':>9} {'results':>9} {'s':>6} "
HEAD += f"{'facts/s':>8} {'results/s':>9} {'peak MB':>8} {'at start':>8}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation")
    parser.add_argument("accounts", nargs="?", type=int, default=1000)
    parser.add_argument("regions", nargs="?", type=int, default=17)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cairn-") as directory:
        home, url = Path(directory), f"sqlite:///{directory}/cairn.sqlite3"
        run_step(MODULE, home, url, "fill", str(asked.accounts), str(asked.regions))
        print(HEAD)
        for accounts in sorted({max(asked.accounts // n, 1) for n in (100, 10, 1)}):
            print(run_step(MODULE, home, url, "evaluate", str(accounts)), flush=True)


def fill(accounts: str, regions: str) -> None:
    """An organization whose scan has collected everything."""
    from django.core.management import call_command

    from findings.models import Observation, Shard
    from findings.services.evidence import evidence_store

    call_command("migrate", verbosity=0)
    models = _models()
    scan = _started(int(accounts), int(regions))
    places: dict[int, list[Shard]] = {}
    for shard in scan.shards.order_by("account", "pk"):
        places.setdefault(shard.account_id, []).append(shard)
    for number, shards in enumerate(places.values()):
        observations = []
        for shard, packed in zip(shards, _packed_for(shards, models, number), strict=True):
            shard.manifest = evidence_store(packed=packed, now=NOW)
            shard.state, shard.collected_from, shard.collected_at = "collected", NOW, NOW
            if packed.observation:
                body = packed.observation
                observations.append(Observation(shard=shard, body=body, created_at=NOW))
        fields = ["manifest", "state", "collected_from", "collected_at"]
        Shard.objects.bulk_update(shards, fields)
        Observation.objects.bulk_create(observations)


def _models() -> list[dict[Place, Packed]]:
    """What is collected of each simulated account; the first has the organization's, too."""
    from findings.checks.base import built_in
    from findings.packing import pack
    from simulator.server import serve
    from simulator.world import World
    from tests.workers.collectors.simulated import Scanner

    world = World(epoch=NOW, **SIMULATED)
    with serve(world) as url:
        found = Scanner(world, url).gather(built_in())
    by_account: dict[str, dict[Place, Packed]] = {}
    for place, facts in found.shards.items():
        by_account.setdefault(place.account, {})[place] = pack(facts.keys(), facts)
    return [by_account[account.id] for account in world.accounts if account.id in by_account]


def _started(accounts: int, regions: int) -> Scan:
    from botocore.session import Session

    from findings.checks.base import built_in
    from findings.models import Scan
    from findings.planning import Selection
    from findings.services.scans import scan_request, scan_start
    from tests.factories.accounts import AccountFactory, OrganizationFactory

    names = sorted(Session().get_available_regions("ec2"))[:regions]
    organization = OrganizationFactory(regions=names, management_account_id="100000000000")
    for number in range(accounts):
        AccountFactory(organization=organization, account_id=str(100000000000 + number))
    scan = scan_request(
        actor=None,
        organization=organization,
        selection=Selection(),
        trigger=Scan.Trigger.PERSON,
        now=NOW,
        registry=built_in(),
    )
    scan_start(scan_id=scan.pk, registry=built_in(), now=NOW)
    return scan


def _packed_for(shards: list, models: list[dict[Place, Packed]], number: int) -> Iterator[Packed]:
    """The evidence of a simulated account, its regions in turn."""
    model = models[number % len(models)]
    real = [packed for place, packed in model.items() if not place.region.startswith("aws-")]
    pseudo = {p.region: packed for found in models for p, packed in found.items()}
    pseudo |= {place.region: packed for place, packed in model.items()}
    for count, shard in enumerate(shards):
        is_pseudo = shard.region.startswith("aws-")
        yield pseudo[shard.region] if is_pseudo else real[count % len(real)]


def evaluate(asked: str) -> None:
    """Every check over the evidence of the first accounts."""
    from accounts.models import Account
    from findings.checks.base import Run
    from findings.checks.context import Horizon
    from findings.models import Scan
    from findings.services.contexts import account_context

    scan, accounts = Scan.objects.get(), int(asked)
    chosen = list(Account.objects.select_related("ou", "organization").order_by("account_id"))
    chosen = list(islice(chosen, accounts))
    given = Run(
        accounts={account.account_id: account_context(account) for account in chosen},
        horizon=Horizon(NOW),
    )
    facts, results = 0, Counter[str]()
    before, begun = peak(), time.monotonic()
    for read, judged in _rounds(scan, chosen, given):
        facts += read
        results.update(result.status.value for result in judged)
    seconds, number = time.monotonic() - begun, results.total()
    regions = len(scan.organization.regions)
    print(
        f"{accounts:>8} {regions:>7} {facts:>9} {number:>9} {seconds:>6.1f} "
        f"{facts / seconds:>8.0f} {number / seconds:>9.0f} {peak():>8.0f} {before:>8.0f}"
    )
    print(f"{'':>8} {', '.join(f'{count} {name}' for name, count in sorted(results.items()))}")


def _rounds(
    scan: Scan, accounts: list[Account], given: Run
) -> Iterator[tuple[int, Iterator[Result]]]:
    """One account after another, then one check after another of those that span all.

    Each with the number of facts that were read for it, and its results.
    """
    from findings.checks.base import built_in, kinds_of, run
    from findings.facts.base import Scope
    from findings.services.current import evidence_of_shards

    every = built_in().values()
    narrow = [d for d in every if d.stage is not Scope.ORGANIZATION]
    wide = [d for d in every if d.stage is Scope.ORGANIZATION]
    for account in accounts:
        current = evidence_of_shards(scan.shards.filter(account=account))
        evidence = current.load(narrow, {})
        judged = run(narrow, evidence, current.places, given)
        yield _facts_in(evidence, set(kinds_of(narrow))), judged
    unread = set(kinds_of(wide))
    current = evidence_of_shards(scan.shards.filter(account__in=accounts), kinds=unread)
    for definition, evidence in current.in_turn(wide, {}):
        read = _facts_in(evidence, unread & set(definition.needs))
        yield read, run([definition], evidence, current.places, given)
        unread = unread - set(definition.needs)


def _facts_in(evidence: Evidence, kinds: set[str]) -> int:
    from findings.facts.base import Gap

    return sum(
        len(found)
        for facts in evidence.shards.values()
        for kind, found in facts.items()
        if kind in kinds and not isinstance(found, Gap)
    )


if __name__ == "__main__":
    run_program(main, fill=fill, evaluate=evaluate)
