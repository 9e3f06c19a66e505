"""Claims on accounts and shards of a scan: conditional updates, tokens and leases."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from findings.checks.base import Definition, Registry
from findings.facts.base import Fact
from findings.models import RegionState, Scan, ScanAccount, Shard
from findings.planning import Selection, kinds_at
from findings.services.check_sets import check_set_digest
from findings.services.contexts import versions_of
from findings.services.places import place_lock

LEASE = timedelta(seconds=90)
ATTEMPTS = 3
PATIENCE = timedelta(minutes=3)
"""How long an account may wait in the queue before it is asked for again."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to collect a shard until its lease ends, and what to collect."""

    shard: int
    account: int
    token: uuid.UUID
    region: str
    kinds: dict[str, type[Fact]]
    attempt: int
    denied_before: bool
    """The region was denied by policy at the last scan: one call tells whether it still is."""

    @property
    def is_last_attempt(self) -> bool:
        return self.attempt >= ATTEMPTS


def scan_definitions(scan: Scan, registry: Registry) -> list[Definition]:
    """The checks that a scan was asked for."""
    return Selection.parse(scan.selection).definitions(registry)


def account_claim(*, scan_account_id: int, registry: Registry, now: datetime) -> ScanAccount | None:
    """Take an account of a running scan to work on; None when it is taken or has ended.

    A scan whose checks are of another version is left to the workers of that version.
    """
    is_free = Q(state=ScanAccount.State.PENDING) | Q(
        state=ScanAccount.State.COLLECTING, lease_until__lte=now
    )
    claimed = ScanAccount.objects.filter(
        is_free,
        pk=scan_account_id,
        scan__in=Scan.objects.filter(
            state=Scan.State.RUNNING,
            check_set__sha256=check_set_digest(versions_of(registry)),
        ),
    ).update(state=ScanAccount.State.COLLECTING, lease_until=now + LEASE)
    if not claimed:
        return None
    return ScanAccount.objects.select_related(
        "scan__check_set", "scan__organization", "account__organization", "account__ou"
    ).get(pk=scan_account_id)


def account_release(*, scan_account_id: int, now: datetime) -> None:
    """Give an account back; the next sweep takes it up."""
    ScanAccount.objects.filter(pk=scan_account_id, state=ScanAccount.State.COLLECTING).update(
        lease_until=now
    )


def shards_waiting(*, scan_account: ScanAccount, now: datetime) -> list[Shard]:
    """The shards of an account that can be claimed, real regions first."""
    waiting = scan_account.scan.shards.filter(account=scan_account.account).claimable(now)
    return sorted(waiting, key=lambda shard: (shard.region.startswith("aws-"), shard.region))


@transaction.atomic
def shard_claim(*, shard: Shard, registry: Registry, now: datetime) -> Claim | None:
    """Claim a shard; None when it is taken, or when another scan reads the same facts just now."""
    place = place_lock(account_id=shard.account_id, region=shard.region)
    kinds = kinds_at(scan_definitions(shard.scan, registry), shard.region)
    if _is_being_read(shard, set(kinds), registry, now):
        return None
    token = uuid.uuid4()
    claimed = (
        Shard.objects.claimable(now)
        .filter(pk=shard.pk)
        .update(
            state=Shard.State.COLLECTING,
            token=token,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
        )
    )
    if not claimed:
        return None
    return Claim(
        shard=shard.pk,
        account=shard.account_id,
        token=token,
        region=shard.region,
        kinds=kinds,
        attempt=shard.attempts + 1,
        denied_before=place.state == RegionState.State.DENIED_BY_POLICY,
    )


def _is_being_read(shard: Shard, kinds: set[str], registry: Registry, now: datetime) -> bool:
    """Whether a live claim of another scan covers one of the kinds at the same place."""
    others = Shard.objects.filter(
        account=shard.account_id,
        region=shard.region,
        state=Shard.State.COLLECTING,
        lease_until__gt=now,
    ).exclude(scan=shard.scan_id)
    return any(
        kinds & set(kinds_at(scan_definitions(other.scan, registry), shard.region))
        for other in others.prefetch_related("scan").order_by()
    )


def shards_renew(*, scan_account_id: int, tokens: Iterable[uuid.UUID], now: datetime) -> None:
    """Keep the account and its claimed shards for another lease."""
    Shard.objects.filter(token__in=list(tokens), state=Shard.State.COLLECTING).update(
        lease_until=now + LEASE
    )
    ScanAccount.objects.filter(pk=scan_account_id, state=ScanAccount.State.COLLECTING).update(
        lease_until=now + LEASE
    )


def shard_release(*, claim: Claim, error: str) -> None:
    """Put a shard back after a failed attempt, with what went wrong."""
    Shard.objects.filter(pk=claim.shard, token=claim.token).update(
        state=Shard.State.PENDING, token=None, lease_until=None, error=error
    )
