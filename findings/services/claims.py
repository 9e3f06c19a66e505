"""Claimed fixes: each has a scan look at what it is about, as soon as one can.

Who may claim may thereby ask for that scan: it is the system's. Claims share a scan that has not
begun; one that runs may have read before the claim, so it decides nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.models import Account
from findings.models import Episode, Finding, Scan, Workflow
from findings.services.rechecks import claims_recheck_together, scan_if_possible
from findings.services.workflow import finding_move


@transaction.atomic
def finding_claim(
    *, actor: User | None, finding: Finding, note: str = "", now: datetime
) -> Episode:
    """Say that it is fixed; the evidence of the next scan decides. Raises WorkflowError, Denied."""
    to = Workflow.FIX_CLAIMED
    episode = finding_move(actor=actor, finding=finding, to=to, note=note, now=now)
    claims_recheck(findings=[finding], now=now)
    episode.refresh_from_db(fields=["claim_scan"])
    return episode


def claims_recheck(*, findings: Sequence[Finding], now: datetime) -> Scan | None:
    """The scan that looks at claimed findings of one organization; None where none can be made.

    The next planned scan decides then, as it would anyway.
    """
    scannable = Account.objects.scannable().filter(pk__in={f.account_id for f in findings})
    able = set(scannable.values_list("pk", flat=True))
    visited = [finding for finding in findings if finding.account_id in able]
    if not visited:
        return None
    scan = scan_if_possible(lambda: claims_recheck_together(findings=visited, now=now))
    claimed = Episode.objects.open().filter(finding__in=visited, workflow=Workflow.FIX_CLAIMED)
    claimed.update(claim_scan=scan)
    return scan
