from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User

from findings.models import Finding, Scan
from findings.planning import Selection
from findings.services.scans import scan_request


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
    organization = findings[0].organization
    regions = {finding.region for finding in findings}
    is_wide = any(region.startswith("aws-") for region in regions)
    selection = Selection(
        accounts=tuple(sorted({finding.account.account_id for finding in findings})),
        regions=() if is_wide else tuple(sorted(regions)),
        rows=tuple(sorted({finding.row for finding in findings})),
    )
    waiting = organization.scans.filter(
        state=Scan.State.QUEUED, trigger=trigger, requested_by=actor, selection=selection.to_json()
    ).first()
    return waiting or scan_request(
        actor=actor, organization=organization, selection=selection, trigger=trigger, now=now
    )
