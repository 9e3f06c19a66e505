"""The commit of a shard: evidence, the region's assessment and its findings in one transaction."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from findings.checks.base import Registry
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION, Gap, GapReason, ShardFacts
from findings.models import RegionState, Shard
from findings.packing import Packed, pack
from findings.services.assessments import Occasion, region_subject, stage_assess
from findings.services.current import Stored
from findings.services.evidence import evidence_store, provenance_store
from findings.services.fact_histories import histories_keep
from findings.services.openings import Baselines
from findings.services.places import place_advance, place_lock
from findings.services.scope import place_leaves_scope
from findings.services.shards import Claim

State = Shard.State
Region = RegionState.State
_OUT_OF_SCOPE = {Region.OPTED_OUT, Region.DENIED_BY_POLICY}


@dataclass(frozen=True, kw_only=True)
class Harvest:
    """What a claimed shard gave: packed facts, the region's state, and when it was collected."""

    shard: int
    account: int
    region: str
    token: uuid.UUID
    packed: Packed
    region_state: RegionState.State
    collected_from: datetime
    collected_at: datetime
    error: str = ""

    @property
    def shard_state(self) -> Shard.State:
        if self.region_state in _OUT_OF_SCOPE:
            return State.OUT_OF_SCOPE
        if self.packed.is_empty_handed:
            return State.FAILED
        return State.PARTIAL if self.packed.is_incomplete else State.COLLECTED


class _StaleOwner(Exception):
    """The shard is no longer this owner's."""


def shard_commit(*, harvest: Harvest, registry: Registry, now: datetime) -> bool:
    """Commit a shard; False when its token is no longer valid, and then nothing is written."""
    try:
        with transaction.atomic():
            _commit(harvest, registry, now)
    except _StaleOwner:
        return False
    return True


def refused(*, claim: Claim, reason: GapReason, code: str, error: str, now: datetime) -> Harvest:
    """The harvest of a shard that could not be collected at all: a gap for every kind."""
    operation = "sts:AssumeRole" if reason is GapReason.CREDENTIALS else ""
    facts: ShardFacts = {
        kind: Gap(kind=kind, reason=reason, operation=operation, code=code) for kind in claim.kinds
    }
    return Harvest(
        shard=claim.shard,
        account=claim.account,
        region=claim.region,
        token=claim.token,
        packed=pack(claim.kinds, facts),
        region_state=Region.UNREACHABLE,
        collected_from=now,
        collected_at=now,
        error=error,
    )


def _commit(harvest: Harvest, registry: Registry, now: datetime) -> None:
    place = place_lock(account_id=harvest.account, region=harvest.region)
    shard = _owned(harvest)
    _end(shard, harvest, now)
    if shard.state == State.OUT_OF_SCOPE:
        place_leaves_scope(place=place, state=harvest.region_state, scan=shard.scan, now=now)
        return
    packed = harvest.packed
    place_advance(
        place=place, state=harvest.region_state, shard=shard, kinds=packed.entries, now=now
    )
    histories_keep(
        account_id=shard.account_id,
        region=shard.region,
        facts=packed.facts,
        at=harvest.collected_from,
    )
    if shard.region in (AWS_GLOBAL, AWS_ORGANIZATION):
        return
    stage_assess(
        subject=region_subject(shard.account, shard.region, place),
        occasion=Occasion(
            registry=registry,
            now=now,
            scan=shard.scan,
            baselines=Baselines(shard.scan.scan_accounts.filter(account=shard.account_id)),
            fresh={shard.pk: packed.facts},
            stored={shard.pk: Stored(shard.scan_id, harvest.collected_from, packed.entries)},
        ),
    )


def _owned(harvest: Harvest) -> Shard:
    """The shard, held, if its token is still valid."""
    shards = Shard.objects.select_related("account__organization", "account__ou", "scan")
    held = shards.select_for_update(of=("self",)).order_by()
    owned = held.filter(pk=harvest.shard, token=harvest.token, state=State.COLLECTING)
    for shard in owned:
        return shard
    raise _StaleOwner


def _end(shard: Shard, harvest: Harvest, now: datetime) -> None:
    """Store the evidence and end the shard."""
    packed, state = harvest.packed, harvest.shard_state
    in_scope = state is not State.OUT_OF_SCOPE
    shard.state, shard.token, shard.lease_until = state, None, None
    shard.region_state, shard.error = harvest.region_state, harvest.error
    shard.manifest = evidence_store(packed=packed, now=now) if in_scope else None
    shard.collected_from, shard.collected_at = harvest.collected_from, harvest.collected_at
    shard.api_calls = packed.api_calls
    shard.facts = packed.fact_count if in_scope else 0
    shard.gaps = packed.gap_counts if in_scope else {}
    shard.save()
    provenance_store(shard_id=shard.pk, packed=packed, now=now)
