"""The evidence that held at an instant: for each account, region and kind what was newest then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from accounts.models import Account, Organization
from findings.checks.base import Registry
from findings.facts.base import KINDS, Gap, GapReason, Place
from findings.models import Scan, Shard
from findings.packing import Entry
from findings.planning import kinds_at
from findings.services.current import CurrentEvidence, Reference, manifests_unpacked
from findings.services.shards import scan_definitions

LOOKED_BACK = timedelta(days=45)
"""What was not looked at for so long before the instant is not known at it."""
_WHOLE = (Scan.State.FINISHED, Scan.State.PARTIAL, Scan.State.FAILED)
_UNENDED = (*Shard.OPEN, Shard.State.CANCELLED)


def evidence_as_of(
    *,
    organization: Organization,
    accounts: Mapping[Account, datetime],
    at: datetime,
    registry: Registry,
) -> CurrentEvidence:
    """From the last full scan that had ended, which says what is looked at, and those after it.

    Of each account nothing counts that was collected before an instant. What a shard has that
    failed, or whose evidence is no longer kept, is a gap of every kind.
    """
    found: dict[Place, dict[str, Reference]] = {}
    shards = _shards(organization, accounts, at)
    entries = manifests_unpacked({shard.manifest_id for shard in shards if shard.manifest_id})
    for shard in shards:
        place = Place(shard.account.account_id, shard.region)
        if shard.state == Shard.State.OUT_OF_SCOPE:
            found.pop(place, None)
            continue
        known = entries.get(shard.manifest_id or 0)
        has = _nothing_of(shard, registry) if known is None else known
        since = shard.collected_from or _instant(shard)
        refs = {kind: Reference(shard.pk, since, has[kind]) for kind in has if kind in KINDS}
        found.setdefault(place, {}).update(refs)
    return CurrentEvidence(found)


def _shards(
    organization: Organization, accounts: Mapping[Account, datetime], at: datetime
) -> list[Shard]:
    """Those that had ended, in the order in which it became known what they have."""
    scans = Scan.objects.filter(
        organization=organization, requested_at__gt=at - LOOKED_BACK, requested_at__lte=at
    )
    whole = scans.filter(kind=Scan.Kind.FULL, state__in=_WHOLE, finished_at__lte=at)
    last = whole.order_by("-requested_at", "-id").first()
    if last is not None:
        scans = scans.filter(requested_at__gte=last.requested_at)
    rows = Shard.objects.filter(scan__in=scans, account__in=list(accounts))
    shards = rows.exclude(state__in=_UNENDED).select_related("scan", "account")
    ended = [s for s in shards if accounts[s.account] <= _instant(s) <= at]
    return sorted(ended, key=lambda shard: (_instant(shard), shard.pk))


def _instant(shard: Shard) -> datetime:
    """When it was known what a shard has; some that failed never collected anything."""
    scan = shard.scan
    return shard.collected_at or scan.finished_at or scan.requested_at


def _nothing_of(shard: Shard, registry: Registry) -> Mapping[str, Entry]:
    failed = shard.state == Shard.State.FAILED
    reason = GapReason.FAILED if failed else GapReason.NO_LONGER_KEPT
    kinds = kinds_at(scan_definitions(shard.scan, registry), shard.region)
    return {kind: Entry(gap=Gap(kind=kind, reason=reason)) for kind in kinds}
