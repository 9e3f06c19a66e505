"""The evidence that held at an instant: for each account, region and kind what was newest then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from accounts.models import Account, Organization
from findings.checks.base import Registry
from findings.facts.base import KINDS, Gap, GapReason, Place, Scope
from findings.models import Scan, Shard
from findings.packing import Entry
from findings.planning import kinds_at
from findings.selectors.as_of import EVER
from findings.services.current import CurrentEvidence, Reference, manifests_unpacked
from findings.services.shards import scan_definitions

LOOKED_BACK = timedelta(days=45)
"""What was not looked at for so long before the instant is not known at it."""
_WHOLE = (Scan.State.FINISHED, Scan.State.PARTIAL, Scan.State.FAILED)
_UNENDED = (*Shard.OPEN, Shard.State.CANCELLED)
_NOT_LOOKED_AT = (Shard.State.CANCELLED, Shard.State.OUT_OF_SCOPE)
NEVER = datetime.max.replace(tzinfo=UTC)


def evidence_as_of(
    *,
    organization: Organization,
    accounts: Mapping[Account, datetime],
    at: datetime,
    stage: Scope,
    registry: Registry,
) -> CurrentEvidence:
    """From the last full scan that had ended, which says what is looked at, and those after it.

    What was collected counts once the checks of the stage were run over it. Of each account nothing
    counts that was collected before an instant. What a shard has that failed, or whose evidence is
    no longer kept, is a gap of every kind; a region that is waiting to be looked at has nothing.
    """
    found: dict[Place, dict[str, Reference]] = {}
    shards, waiting = _shards(organization, accounts, at, stage)
    entries = manifests_unpacked({shard.manifest_id for shard in shards if shard.manifest_id})
    for shard in shards:
        place = _place(shard)
        if shard.state == Shard.State.OUT_OF_SCOPE:
            found.pop(place, None)
            continue
        known = entries.get(shard.manifest_id or 0)
        has = _nothing_of(shard, registry) if known is None else known
        since = shard.collected_from or _instant(shard)
        refs = {kind: Reference(shard.pk, since, has[kind]) for kind in has if kind in KINDS}
        found.setdefault(place, {}).update(refs)
    empty: dict[Place, dict[str, Reference]] = {place: {} for place in waiting}
    return CurrentEvidence({**empty, **found})


def _shards(
    organization: Organization, accounts: Mapping[Account, datetime], at: datetime, stage: Scope
) -> tuple[list[Shard], set[Place]]:
    """Those that were judged, in the order in which it became known what they have.

    Also the regions that were asked for and had not been looked at before.
    """
    scans = Scan.objects.filter(
        organization=organization, requested_at__gt=at - LOOKED_BACK, requested_at__lte=at
    )
    whole = scans.filter(kind=Scan.Kind.FULL, state__in=_WHOLE, finished_at__lte=at)
    last = whole.order_by("-requested_at", "-id").first()
    if last is not None:
        scans = scans.filter(requested_at__gte=last.requested_at)
    rows = Shard.objects.filter(scan__in=scans, account__in=list(accounts))
    shards = list(rows.select_related("scan", "account"))
    judged_at = _judged_at(shards, stage)
    known = [(judged_at[shard], shard.pk, shard) for shard in judged_at if judged_at[shard] <= at]
    ended = [shard for _, _, shard in sorted(known) if accounts[shard.account] <= _instant(shard)]
    waiting = {_place(shard) for shard in shards if shard.state not in _NOT_LOOKED_AT}
    return ended, waiting if stage is Scope.REGION else set()


def _judged_at(shards: list[Shard], stage: Scope) -> dict[Shard, datetime]:
    """When the checks of a stage were run over what a shard has; without those that never were.

    A region's with its shard, an account's with its last one, the organization's with the scan.
    """
    ended = {shard: _instant(shard) for shard in shards if shard.state not in _UNENDED}
    if stage is Scope.REGION:
        return ended
    if stage is Scope.ORGANIZATION:
        return {s: s.scan.finished_at for s in ended if s.scan.finished_at and _is_judged(s.scan)}
    last: dict[tuple[int, int], datetime] = {}
    for shard in shards:
        member = (shard.scan_id, shard.account_id)
        last[member] = max(last.get(member, EVER), ended.get(shard, NEVER))
    return {shard: last[shard.scan_id, shard.account_id] for shard in ended}


def _is_judged(scan: Scan) -> bool:
    return scan.state != Scan.State.CANCELLED


def _instant(shard: Shard) -> datetime:
    """When it was known what a shard has; some that failed never collected anything."""
    scan = shard.scan
    return shard.collected_at or scan.finished_at or scan.requested_at


def _place(shard: Shard) -> Place:
    return Place(shard.account.account_id, shard.region)


def _nothing_of(shard: Shard, registry: Registry) -> Mapping[str, Entry]:
    failed = shard.state == Shard.State.FAILED
    reason = GapReason.FAILED if failed else GapReason.NO_LONGER_KEPT
    kinds = kinds_at(scan_definitions(shard.scan, registry), shard.region)
    return {kind: Entry(gap=Gap(kind=kind, reason=reason)) for kind in kinds}
