"""Which jobs of AWS are due: told by the settings, the jobs that were, and stored evidence.

Nothing is asked of AWS here, and nothing is started on a guess: a region whose stacks were not
collected has none to look at, and one whose resource scans were not collected gets no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce

from accounts.models import Account
from findings.facts.base import Evidence, Fact, NotCollected, Place, Scope
from findings.facts.cloudformation import Stack
from findings.facts.cloudformation_scans import ResourceScan
from findings.facts.cloudwatch import Alarm
from findings.facts.logs import LogGroup
from findings.models import AwsJob, AwsJobKind, AwsJobSettings, RegionState
from findings.services.current import current_evidence

PER_ACCOUNT = 5
"""How many jobs of an account may be asked for or running; more wait for a later run."""
DETECTABLE = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html"""
WORKLOAD: tuple[type[Fact], ...] = (Stack, Alarm, LogGroup)
"""A region with one of these is worth a scan, as its check says."""

F = TypeVar("F", bound=Fact)
Subject = tuple[str, str]
Last = dict[Subject, datetime]


@dataclass(frozen=True, kw_only=True)
class Due:
    """A job to ask for, and when the same was last done as far as is known."""

    kind: AwsJobKind
    region: str
    subject: str
    last: datetime | None

    def order(self) -> tuple[bool, float, str, str]:
        """What was never done comes first, then what was done longest ago."""
        at = self.last.timestamp() if self.last else 0.0
        return self.last is not None, at, self.region, self.subject


def jobs_plan(*, now: datetime) -> list[int]:
    """Ask for what is due, at most so many of an account; the ids of the new rows."""
    asked: list[int] = []
    for settings in AwsJobSettings.objects.on().select_related("organization"):
        accounts = settings.organization.accounts.scannable().order_by("account_id")
        for account in accounts:
            asked += account_jobs_plan(account=account, settings=settings, now=now)
    return asked


@transaction.atomic
def account_jobs_plan(*, account: Account, settings: AwsJobSettings, now: datetime) -> list[int]:
    """Ask for the jobs of one account. The lock lets one planner at a time look and ask."""
    locked = AwsJobSettings.objects.select_for_update().filter(pk=settings.pk).first()
    live = set(
        AwsJob.objects.live().filter(account=account).values_list("kind", "region", "subject")
    )
    room = PER_ACCOUNT - len(live)
    if locked is None or room <= 0:
        return []
    due = [d for d in _due(account, locked, now) if (d.kind, d.region, d.subject) not in live]
    return [_ask(account, each, now).pk for each in sorted(due, key=Due.order)[:room]]


def _ask(account: Account, due: Due, now: datetime) -> AwsJob:
    return AwsJob.objects.create(
        organization_id=account.organization_id,
        account=account,
        region=due.region,
        kind=due.kind,
        subject=due.subject,
        asked_at=now,
        next_poll_at=now,
    )


def _due(account: Account, settings: AwsJobSettings, now: datetime) -> Iterator[Due]:
    drift, scan = (settings.interval(kind) for kind in AwsJobKind)
    if drift is not None:
        yield from _drift_due(account, now - drift)
    if scan is not None:
        yield from _scans_due(account, now - scan)


def _drift_due(account: Account, limit: datetime) -> Iterator[Due]:
    """Stacks that nobody looked at since the limit, neither Cairn nor somebody else."""
    last = _last(account, AwsJobKind.STACK_DRIFT)
    regions = _regions(account)
    evidence = _evidence(account, regions, (Stack,))
    for region in regions:
        for stack in _known(evidence, account, region, Stack):
            if not _is_detectable(stack):
                continue
            at = _newest(last.get((region, stack.id)), _checked_at(stack))
            if _is_over(at, limit):
                yield Due(kind=AwsJobKind.STACK_DRIFT, region=region, subject=stack.id, last=at)


def _scans_due(account: Account, limit: datetime) -> Iterator[Due]:
    """Regions with a workload and without a scan since the limit, whoever started it."""
    last = _last(account, AwsJobKind.RESOURCE_SCAN)
    regions = [region for region in _regions(account) if _is_over(last.get((region, "")), limit)]
    if not regions:
        return
    evidence = _evidence(account, regions, (*WORKLOAD, ResourceScan))
    for region in regions:
        scans = _known(evidence, account, region, ResourceScan)
        runs = any(_known(evidence, account, region, kind) for kind in WORKLOAD)
        at = _newest(last.get((region, "")), *(_completed_at(scan) for scan in scans))
        if scans and runs and _is_over(at, limit):
            yield Due(kind=AwsJobKind.RESOURCE_SCAN, region=region, subject="", last=at)


def _last(account: Account, kind: AwsJobKind) -> Last:
    """When each subject was last started, or tried in vain; cancelled ones were neither."""
    tried = AwsJob.objects.filter(account=account, kind=kind).exclude(state=AwsJob.State.CANCELLED)
    at = Max(Coalesce("started_at", "asked_at"))
    newest = tried.order_by().values_list("region", "subject").annotate(at=at)
    return {(region, subject): at for region, subject, at in newest}


def _regions(account: Account) -> list[str]:
    enabled = RegionState.objects.filter(account=account, state=RegionState.State.ENABLED)
    names = enabled.exclude(region__startswith="aws-").values_list("region", flat=True)
    return sorted(names)


def _evidence(account: Account, regions: Iterable[str], kinds: Iterable[type[Fact]]) -> Evidence:
    states = RegionState.objects.filter(account=account, region__in=list(regions))
    return current_evidence(states).load_kinds({kind.kind: kind for kind in kinds}, {})


def _known(evidence: Evidence, account: Account, region: str, kind: type[F]) -> tuple[F, ...]:
    return evidence.listing(kind, Scope.REGION, Place(account.account_id, region)).known


def _is_detectable(stack: Stack) -> bool:
    """Nested stacks are left out, as by their check; so is a stack of which that is not known."""
    try:
        return stack.status in DETECTABLE and not stack.is_nested
    except NotCollected:
        return False


def _checked_at(stack: Stack) -> datetime | None:
    try:
        return stack.drift_checked_at
    except NotCollected:
        return None


def _completed_at(scan: ResourceScan) -> datetime | None:
    try:
        return scan.completed_at
    except NotCollected:
        return None


def _newest(*instants: datetime | None) -> datetime | None:
    return max((at for at in instants if at is not None), default=None)


def _is_over(at: datetime | None, limit: datetime) -> bool:
    return at is None or at <= limit
