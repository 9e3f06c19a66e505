"""Regions of accounts as they stand: in scope or not, and where their current evidence is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone

from findings.models import RegionState, Shard

State = RegionState.State
_STATE = ["state", "since", "checked_at"]


def places_ensure(*, places: Iterable[tuple[int, str]], now: datetime) -> None:
    """Rows for regions (account pk, region) that have none yet."""
    RegionState.objects.bulk_create(
        [RegionState(account_id=account, region=region, since=now) for account, region in places],
        ignore_conflicts=True,
        batch_size=500,
    )


def place_lock(*, account_id: int, region: str) -> RegionState:
    """The row of a place, held until the transaction ends: whoever changes the place takes it."""
    there = RegionState.objects.select_for_update().filter(account_id=account_id, region=region)
    place = there.order_by().first()
    if place is None:
        places_ensure(places=[(account_id, region)], now=timezone.now())
        place = there.get()
    return place


def place_set_state(*, place: RegionState, state: RegionState.State, now: datetime) -> None:
    _set_state(place, state, now)
    place.save(update_fields=_STATE)


def _set_state(place: RegionState, state: RegionState.State, now: datetime) -> None:
    if place.state != state:
        place.state, place.since = state, now
    place.checked_at = now


def place_advance(
    *,
    place: RegionState,
    state: RegionState.State,
    shard: Shard,
    kinds: Iterable[str],
    now: datetime,
) -> None:
    """Set the state in which a shard found its place, and make it the source of those kinds that no
    newer shard has supplied.
    """
    _set_state(place, state, now)
    held = {kind: int(pk) for pk, found in place.sources.items() for kind in found}
    instants = _instants(set(held.values()))
    advanced = {
        kind
        for kind in kinds
        if kind not in held or _is_older(instants.get(held[kind]), shard.collected_from)
    }
    if advanced:
        place.sources = _grouped({**held, **dict.fromkeys(advanced, shard.pk)})
    place.save(update_fields=[*_STATE, *(["sources"] if advanced else [])])


def _instants(shards: set[int]) -> dict[int, datetime | None]:
    if not shards:
        return {}
    rows = Shard.objects.filter(id__in=shards).order_by()
    return dict(rows.values_list("id", "collected_from"))


def _is_older(held: datetime | None, offered: datetime | None) -> bool:
    return offered is not None and (held is None or held < offered)


def _grouped(sources: Mapping[str, int]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for kind, shard in sorted(sources.items()):
        grouped.setdefault(str(shard), []).append(kind)
    return grouped
