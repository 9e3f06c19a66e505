"""What keeps a claimed fix from being seen, once a scan has looked for it.

A claim is decided by evidence newer than it, never by its absence: while an account that the check
reads cannot be collected, the finding stays open and the claim stays a claim. It is decided by the
first scan that sees all of it, by the account's leaving what is scanned, or taken back by people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q

from accounts.models import Account
from findings.checks.base import built_in
from findings.models import Episode, Finding, Manifest, Scan, ScanAccount, Shard, Workflow
from findings.packing import unpack_manifest

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """An account of which a scan did not collect all that a check reads, and why."""

    account: Account
    region: str = ""
    """Empty: the account as a whole."""
    reason: str
    """In a word, as of gaps and of roles, such as access_denied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStanding:
    """How the claim on an open finding stands."""

    episode: Episode
    scan: Scan | None
    """The scan that it asked for; None where none could be made."""
    obstacles: list[Obstacle]
    """Of accounts that the person sees, the first of them."""
    hidden: int
    """Accounts with obstacles that the person does not see."""

    @property
    def cannot_be_verified(self) -> bool:
        """Whether a scan looked since, and could not see."""
        return bool(self.obstacles or self.hidden)


def claim_standing(user: User | AnonymousUser, finding: Finding) -> ClaimStanding | None:
    """None where nothing is claimed."""
    claimed = Episode.objects.open().filter(finding=finding, workflow=Workflow.FIX_CLAIMED)
    episode = claimed.select_related("claim_scan").first()
    if episode is None:
        return None
    found = _obstacles(finding, episode)
    own = set(Account.objects.visible_to(user).values_list("pk", flat=True)) if found else ()
    seen = [one for one in found if one.account.pk in own]
    hidden = {one.account.pk for one in found} - {one.account.pk for one in seen}
    return ClaimStanding(
        episode=episode, scan=episode.claim_scan, obstacles=seen[:SHOWN], hidden=len(hidden)
    )


def _obstacles(finding: Finding, episode: Episode) -> list[Obstacle]:
    """Of the newest scan that ended since the claim and was to see it."""
    if not Account.objects.scannable().filter(pk=finding.account_id).exists():
        return [Obstacle(account=finding.account, reason="not_scanned")]
    scan, definition = _looked(finding, episode), built_in().get(finding.check_id)
    if scan is None or definition is None or finding.unverified_since is None:
        return []
    return obstacles_in(scan, definition.needs)


def obstacles_in(scan: Scan, needs: Iterable[str]) -> list[Obstacle]:
    """What an ended scan did not collect of these kinds of facts, or which it could not enter."""
    return list(_not_entered(scan)) or list(_gaps(scan, needs))


def _looked(finding: Finding, episode: Episode) -> Scan | None:
    since = Q(started_at__gte=episode.claimed_at) | Q(pk=episode.claim_scan_id)
    visited = Scan.objects.filter(since, scan_accounts__account=finding.account_id)
    return visited.ended().exclude(state=Scan.State.CANCELLED).order_by("-finished_at").first()


def _not_entered(scan: Scan) -> Iterator[Obstacle]:
    scanned = Account.objects.scannable()
    refused = ScanAccount.objects.filter(scan=scan, account__in=scanned).exclude(access="")
    for row in refused.select_related("account").order_by("position"):
        yield Obstacle(account=row.account, reason=row.access)


def _gaps(scan: Scan, needs: Iterable[str]) -> Iterator[Obstacle]:
    """Of the kinds of facts that the check reads."""
    shards = Shard.objects.filter(scan=scan).exclude(gaps={}, state=Shard.State.COLLECTED)
    rows = list(shards.select_related("account").order_by("account__account_id", "region"))
    manifests = Manifest.objects.in_bulk([row.manifest_id for row in rows if row.manifest_id])
    kinds = set(needs)
    for row in rows:
        stored = manifests.get(row.manifest_id or 0)
        entries = unpack_manifest(bytes(stored.body)) if stored else {}
        reasons = [
            gap.reason.value
            for kind, entry in entries.items()
            if kind in kinds
            for gap in entry.all_gaps
        ]
        if row.state == Shard.State.FAILED and not reasons:
            reasons = ["failed"]
        for reason in dict.fromkeys(reasons):
            yield Obstacle(account=row.account, region=row.region, reason=reason)
