"""What a lost message or a dead worker left behind, found in the rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from accounts.models import AccountEvent
from accounts.states import AccountEventKind
from findings.checks.base import Registry
from findings.models import Evaluation, EventSequence, Scan, ScanAccount
from findings.services.check_sets import check_set_digest
from findings.services.contexts import versions_of
from findings.services.exports import WRITE, exports_waiting
from findings.services.overrides import REASSESS
from findings.services.scan_end import (
    ASSESS_ACCOUNT,
    ASSESS_ORGANIZATION,
    accounts_assessed,
    scan_end,
)
from findings.services.scan_end import LEASE as ASSESSMENT_LEASE
from findings.services.scans import START
from findings.services.shards import PATIENCE

COLLECT = "workers.tasks.shards.collect_account"
REASSESS_DUE = "workers.tasks.assessments.reassess_due"
ABANDONED = timedelta(hours=1)

Work = tuple[str, int | None]


def work_left_behind(*, registry: Registry, now: datetime) -> list[Work]:
    """Tasks to send again, by name and id; a task that is sent twice finds its work done."""
    versions = check_set_digest(versions_of(registry))
    ours = Scan.objects.filter(check_set__sha256=versions)
    _end_abandoned(versions, now)
    work: list[Work] = []
    if ours.filter(state=Scan.State.QUEUED).exists():
        work.append((START, None))
    running = ours.filter(state=Scan.State.RUNNING)
    work += [(COLLECT, pk) for pk in _accounts_to_collect(running, now)]
    work += [(ASSESS_ACCOUNT, pk) for pk in _accounts_to_assess(running, now)]
    for scan_id in running.values_list("id", flat=True):
        accounts_assessed(scan_id=scan_id, now=now)
    work += [(ASSESS_ORGANIZATION, pk) for pk in _scans_to_assess(ours, now)]
    if Evaluation.objects.filter(Q(valid_until__lt=now) | Q(volatile_until__lt=now)).exists():
        work.append((REASSESS_DUE, None))
    work += [(WRITE, pk) for pk in exports_waiting(now=now)]
    work += [(REASSESS, pk) for pk in _organizations_classified_anew()]
    return work


def _organizations_classified_anew() -> list[int]:
    """Where somebody changed what counts as production since this was last asked; told once.

    Changes by a synchronization have no actor, and are judged by it.
    """
    changed = AccountEvent.objects.filter(
        kind=AccountEventKind.ENVIRONMENT_CHANGED, actor__isnull=False
    )
    newest = changed.order_by().values_list("account__organization").annotate(Max("id"))
    told = dict(EventSequence.objects.values_list("organization", "account_event"))
    found = {
        organization: last for organization, last in newest if last > told.get(organization, 0)
    }
    for organization, last in found.items():
        EventSequence.objects.update_or_create(
            organization_id=organization, defaults={"account_event": last}
        )
    return sorted(found)


def _accounts_to_collect(running: QuerySet[Scan], now: datetime) -> list[int]:
    """Accounts whose task died, or whose message never came."""
    accounts = ScanAccount.objects.filter(scan__in=running).filter(
        Q(lease_until=None) | Q(lease_until__lte=now)
    )
    waiting = accounts.filter(state__in=(ScanAccount.State.PENDING, ScanAccount.State.COLLECTING))
    found = list(waiting.order_by("scan", "position").values_list("id", flat=True))
    waiting.filter(id__in=found).update(state=ScanAccount.State.PENDING, lease_until=now + PATIENCE)
    return found


def _accounts_to_assess(running: QuerySet[Scan], now: datetime) -> list[int]:
    waiting = ScanAccount.objects.filter(
        scan__in=running, state=ScanAccount.State.ASSESSING, lease_until__lte=now
    )
    found = list(waiting.values_list("id", flat=True))
    waiting.filter(id__in=found).update(lease_until=now + ASSESSMENT_LEASE)
    return found


def _scans_to_assess(scans: QuerySet[Scan], now: datetime) -> list[int]:
    waiting = scans.filter(state=Scan.State.ASSESSING, lease_until__lte=now)
    found = list(waiting.values_list("id", flat=True))
    waiting.filter(id__in=found).update(lease_until=now + ASSESSMENT_LEASE)
    return found


def _end_abandoned(versions: str, now: datetime) -> None:
    """Scans of another version of the checks that no worker of that version works on."""
    worked_on = ScanAccount.objects.filter(scan=OuterRef("pk"), lease_until__gt=now - ABANDONED)
    foreign = Scan.objects.live().exclude(check_set__sha256=versions)
    for scan in foreign.filter(~Exists(worked_on), requested_at__lt=now - ABANDONED):
        scan_end(
            scan=scan,
            state=Scan.State.FAILED,
            error="Its checks are of another version of Cairn, of which no worker is left."
            " Start it again.",
            now=now,
        )
