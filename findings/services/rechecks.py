from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.access import can
from accounts.models import Account, Organization
from accounts.roles import Permission
from findings.checks.base import Definition, built_in
from findings.facts.base import KINDS, Scope
from findings.models import Finding, Scan
from findings.planning import Selection, SelectionError
from findings.services.scans import ScanRefused, scan_request


def finding_recheck(
    *, actor: User, finding: Finding, now: datetime, trigger: Scan.Trigger = Scan.Trigger.PERSON
) -> Scan:
    """Queue a targeted scan of what a finding is about. Raises what ``scan_request`` raises."""
    return findings_recheck(actor=actor, findings=[finding], trigger=trigger, now=now)


def findings_recheck(
    *, actor: User | None, findings: Sequence[Finding], now: datetime, trigger: Scan.Trigger
) -> Scan:
    """Queue one scan of all that decides about some findings of one organization.

    It reads what their checks read, beyond their accounts only for who may scan the organization.
    The same scan that has been asked for and not begun will do.
    """
    organization = findings[0].organization
    is_limited = not can(actor, Permission.CONTRIBUTE, on=organization)
    selection = _selection_of(findings, is_limited=is_limited)
    return _scan_once(organization, selection, actor, trigger, now)


@transaction.atomic
def claims_recheck_together(*, findings: Sequence[Finding], now: datetime) -> Scan:
    """A scan of all that decides about claimed findings of one organization.

    One that waits for its start will do, or is widened: so there is at most one for an account, and
    one for a check in many of them, however many are claimed one after the other. Raises what
    ``scan_request`` raises.
    """
    organization, selection = findings[0].organization, _selection_of(findings, is_limited=False)
    queued = organization.scans.filter(state=Scan.State.QUEUED, trigger=Scan.Trigger.CLAIM)
    for scan in queued.filter(requested_by=None).order_by("id"):
        held = Selection.parse(scan.selection)
        wider = held if held.covers(selection) else held.with_all_of(selection)
        if wider is None:
            continue
        scan.selection = wider.to_json()
        still = queued.filter(pk=scan.pk, selection=held.to_json())
        if still.update(selection=scan.selection):  # and keeps it from its start until we commit
            return scan
    return scan_request(
        actor=None,
        organization=organization,
        selection=selection,
        trigger=Scan.Trigger.CLAIM,
        now=now,
    )


def _selection_of(findings: Sequence[Finding], *, is_limited: bool) -> Selection:
    regions = {finding.region for finding in findings}
    is_wide = any(region.startswith("aws-") for region in regions)
    return _selection(
        organization=findings[0].organization,
        checks={finding.check_id for finding in findings},
        rows={finding.row for finding in findings},
        accounts={finding.account.account_id for finding in findings},
        regions=set() if is_wide else regions,
        is_limited=is_limited,
    )


def check_recheck(
    *, organization: Organization, definition: Definition, accounts: Collection[int], now: datetime
) -> Scan | None:
    """Have a scan look whether a check passes on accounts; asked for by the system after a claim.

    It visits all their regions and whatever else the check reads. None where no scan can be made
    now, or not of every account: the next planned one decides then, as it would anyway.
    """
    visited = Account.objects.scannable().filter(organization=organization)
    wanted = visited.filter(pk__in=accounts)
    if wanted.count() < len(set(accounts)):
        return None
    selection = _selection(
        organization=organization,
        checks={definition.id},
        rows={definition.check.row},
        accounts=set(wanted.values_list("account_id", flat=True)),
    )
    trigger = Scan.Trigger.CLAIM
    return scan_if_possible(lambda: _scan_once(organization, selection, None, trigger, now))


def _selection(
    *,
    organization: Organization,
    checks: Collection[str],
    rows: Collection[str],
    accounts: set[str],
    regions: Collection[str] = (),
    is_limited: bool = False,
) -> Selection:
    """All places that the checks read: what one of them leaves out keeps a claim undecided."""
    known = built_in()
    definitions = [known[check] for check in checks if check in known]
    if any(definition.stage.width > Scope.REGION.width for definition in definitions):
        regions = ()
    reads = [(KINDS[k].scope, wide) for d in definitions for k, wide in d.needs.items()]
    if not is_limited and any(home is Scope.ORGANIZATION for home, _ in reads):
        accounts = accounts | {organization.management_account_id}
    if not is_limited and any(
        wide is Scope.ORGANIZATION and home is not Scope.ORGANIZATION for home, wide in reads
    ):
        accounts = set()
    return Selection(
        accounts=tuple(sorted(accounts)), regions=tuple(sorted(regions)), rows=tuple(sorted(rows))
    )


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
