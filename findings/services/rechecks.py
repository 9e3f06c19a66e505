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
    regions = () if finding.region.startswith("aws-") else (finding.region,)
    return scan_request(
        actor=actor,
        organization=finding.organization,
        selection=Selection(
            accounts=(finding.account.account_id,), regions=regions, rows=(finding.row,)
        ),
        trigger=trigger,
        now=now,
    )
