from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.models import Account, Organization
from findings.checks.base import Definition
from findings.facts.base import KINDS, Scope
from findings.models import Finding, Scan
from findings.planning import Selection, SelectionError
from findings.services.scans import ScanRefused, scan_request


def finding_recheck(
    *, actor: User, finding: Finding, now: datetime, trigger: Scan.Trigger = Scan.Trigger.PERSON
) -> Scan:
    """Queue a targeted scan of what a finding is about: its row, in its account and region.

    A finding of an account as a whole is looked for in all its regions. Raises what
    ``scan_request`` raises.
    """
    return findings_recheck(actor=actor, findings=[finding], trigger=trigger, now=now)


def findings_recheck(
    *, actor: User | None, findings: Sequence[Finding], now: datetime, trigger: Scan.Trigger
) -> Scan:
    """Queue one scan of all that some findings of one organization are about.

    The same scan that has been asked for and not begun will do.
    """
    regions = {finding.region for finding in findings}
    is_wide = any(region.startswith("aws-") for region in regions)
    selection = Selection(
        accounts=tuple(sorted({finding.account.account_id for finding in findings})),
        regions=() if is_wide else tuple(sorted(regions)),
        rows=tuple(sorted({finding.row for finding in findings})),
    )
    return _scan_once(findings[0].organization, selection, actor, trigger, now)


def check_recheck(
    *, organization: Organization, definition: Definition, accounts: Collection[int], now: datetime
) -> Scan | None:
    """Have a scan look whether a check passes on accounts; asked for by the system after a claim.

    It visits all their regions and whatever else the check reads: the management account, or all.
    None where no scan can be made now, or not of every account: the next planned one decides then,
    as it would anyway.
    """
    visited = Account.objects.scannable().filter(organization=organization)
    wanted = visited.filter(pk__in=accounts)
    if wanted.count() < len(set(accounts)):
        return None
    ids = set(wanted.values_list("account_id", flat=True))
    if any(KINDS[kind].scope is Scope.ORGANIZATION for kind in definition.needs):
        ids.add(organization.management_account_id)
    reads_all = any(
        scope is Scope.ORGANIZATION and KINDS[kind].scope is not Scope.ORGANIZATION
        for kind, scope in definition.needs.items()
    )
    chosen = () if reads_all else tuple(sorted(ids))
    selection = Selection(accounts=chosen, rows=(definition.check.row,))
    trigger = Scan.Trigger.CLAIM
    return scan_if_possible(lambda: _scan_once(organization, selection, None, trigger, now))


def scan_if_possible(ask: Callable[[], Scan]) -> Scan | None:
    """What is asked for, or None where it is refused; the caller's transaction goes on."""
    try:
        with transaction.atomic():
            return ask()
    except (ScanRefused, SelectionError):
        return None


def _scan_once(
    organization: Organization,
    selection: Selection,
    actor: User | None,
    trigger: Scan.Trigger,
    now: datetime,
) -> Scan:
    waiting = organization.scans.filter(
        state=Scan.State.QUEUED, trigger=trigger, requested_by=actor, selection=selection.to_json()
    ).first()
    return waiting or scan_request(
        actor=actor, organization=organization, selection=selection, trigger=trigger, now=now
    )
