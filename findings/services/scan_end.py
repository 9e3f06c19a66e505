"""How a scan comes to its end: the last shard, the last account, the tally."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Sum

from findings.checks.base import Registry
from findings.models import CheckStatus, Finding, Scan, ScanAccount, Shard
from findings.services.assessments import (
    Occasion,
    account_subject,
    organization_subject,
    stage_assess,
)
from findings.services.evidence import scan_digest_compute
from findings.services.nudges import nudge_on_commit
from findings.services.openings import Baselines

ASSESS_ACCOUNT = "workers.tasks.assessments.assess_account"
ASSESS_ORGANIZATION = "workers.tasks.assessments.assess_organization"
RECORD_DELIVERIES = "workers.tasks.deliveries.record"
LEASE = timedelta(minutes=10)
Tally = Mapping[str, tuple[int, int, int]]
"""By the state of shards: how many there are, their calls and their facts."""
_UNFINISHED = (
    ScanAccount.State.PENDING,
    ScanAccount.State.COLLECTING,
    ScanAccount.State.ASSESSING,
)


def account_collected(*, scan_account_id: int, now: datetime) -> bool:
    """Begin the account's assessment if its last shard has ended; True for one caller only."""
    open_shards = Shard.objects.open().filter(scan=OuterRef("scan"), account=OuterRef("account"))
    moved = (
        ScanAccount.objects.filter(
            ~Exists(open_shards), pk=scan_account_id, state=ScanAccount.State.COLLECTING
        )
        .filter(finds_regions=False)
        .update(state=ScanAccount.State.ASSESSING, lease_until=now + LEASE)
    )
    if moved:
        nudge_on_commit(ASSESS_ACCOUNT, scan_account_id)
    return bool(moved)


def account_assess(*, scan_account_id: int, registry: Registry, now: datetime) -> bool:
    """Run the account's checks once all of it is collected; False when that was done already."""
    with transaction.atomic():
        found = (
            ScanAccount.objects.select_for_update(of=("self",))
            .select_related("scan", "account__organization", "account__ou")
            .filter(pk=scan_account_id, state=ScanAccount.State.ASSESSING)
            .first()
        )
        if found is None:
            return False
        baselines = frozenset([found.account_id] if found.is_baseline else [])
        occasion = Occasion(registry=registry, now=now, scan=found.scan, baselines=baselines)
        stage_assess(subject=account_subject(found.account), occasion=occasion)
        found.state, found.lease_until = ScanAccount.State.ENDED, None
        found.save(update_fields=["state", "lease_until"])
    accounts_assessed(scan_id=found.scan_id, now=now)
    return True


def accounts_assessed(*, scan_id: int, now: datetime) -> bool:
    """Begin the organization's assessment if its last account has ended; True for one only."""
    unfinished = ScanAccount.objects.filter(scan=OuterRef("pk"), state__in=_UNFINISHED)
    moved = Scan.objects.filter(~Exists(unfinished), pk=scan_id, state=Scan.State.RUNNING).update(
        state=Scan.State.ASSESSING, lease_until=now + LEASE
    )
    if moved:
        nudge_on_commit(ASSESS_ORGANIZATION, scan_id)
    return bool(moved)


@transaction.atomic
def organization_assess(*, scan_id: int, registry: Registry, now: datetime) -> bool:
    """Run the organization's checks and end the scan; False when that was done already."""
    scan = (
        Scan.objects.select_for_update(of=("self",))
        .select_related("organization")
        .filter(pk=scan_id, state=Scan.State.ASSESSING)
        .first()
    )
    if scan is None:
        return False
    subject = organization_subject(scan.organization)
    if subject:
        baselines = Baselines(scan.scan_accounts.all())
        occasion = Occasion(registry=registry, now=now, scan=scan, baselines=baselines)
        stage_assess(subject=subject, occasion=occasion)
    tally = tally_of(scan)
    scan_end(scan=scan, state=_end_state(scan, tally), now=now, tally=tally)
    nudge_on_commit(RECORD_DELIVERIES, scan.organization_id)
    return True


def _end_state(scan: Scan, tally: Tally) -> Scan.State:
    if set(tally) == {Shard.State.FAILED.value}:
        return Scan.State.FAILED
    missing = tally.keys() & {Shard.State.FAILED.value, Shard.State.PARTIAL.value}
    unvisited = scan.scan_accounts.filter(finds_regions=True).exists()
    return Scan.State.PARTIAL if missing or unvisited else Scan.State.FINISHED


def tally_of(scan: Scan) -> Tally:
    sums = scan.shards.order_by().values_list("state")
    rows = sums.annotate(Count("id"), Sum("api_calls"), Sum("facts"))
    return {state: (shards, calls, facts) for state, shards, calls, facts in rows}


def scan_end(
    *,
    scan: Scan,
    state: Scan.State,
    now: datetime,
    error: str = "",
    tally: Tally | None = None,
) -> None:
    """Write the end of a scan: its state, its tally and the digest of its evidence."""
    scan.state, scan.error, scan.finished_at, scan.lease_until = state, error, now, None
    ended = tally_of(scan) if tally is None else tally
    for name in ("collected", "partial", "failed", "out_of_scope"):
        setattr(scan, f"{name}_shards", ended[name][0] if name in ended else 0)
    scan.api_calls = sum(calls for _, calls, _ in ended.values())
    scan.facts = sum(facts for _, _, facts in ended.values())
    scan.gaps = _gaps(scan)
    scan.results, scan.open_findings = _results(scan), _open_findings(scan)
    scan.digest = scan_digest_compute(scan=scan)
    scan.save()


def _gaps(scan: Scan) -> dict[str, int]:
    total: Counter[str] = Counter()
    for gaps in scan.shards.exclude(gaps={}).order_by().values_list("gaps", flat=True):
        total.update(gaps)
    return dict(sorted(total.items()))


def _results(scan: Scan) -> dict[str, dict[str, int]]:
    """Row -> status -> results that hold for the accounts of the scan at its end."""
    rows = CheckStatus.objects.filter(**_of(scan))
    sums = (
        rows.order_by()
        .values("row")
        .annotate(Sum("passed"), Sum("failed"), Sum("unknown"), Sum("not_applicable"))
    )
    return {
        row["row"]: {
            "pass": row["passed__sum"],
            "fail": row["failed__sum"],
            "unknown": row["unknown__sum"],
            "not_applicable": row["not_applicable__sum"],
        }
        for row in sums
    }


def _open_findings(scan: Scan) -> dict[str, int]:
    found = Finding.objects.open().filter(**_of(scan))
    return dict(found.order_by().values_list("severity").annotate(Count("id")))


def _of(scan: Scan) -> dict[str, object]:
    """The condition on what a scan was about: its accounts, and its rows if it chose some."""
    condition: dict[str, object] = {"account__in": scan.scan_accounts.values("account")}
    if rows := scan.selection.get("rows"):
        condition["row__in"] = rows
    return condition
