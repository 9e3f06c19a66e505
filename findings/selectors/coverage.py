"""What a scan could not collect, grouped by why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User

from findings.facts.base import GapReason
from findings.models import Manifest, Scan, Shard
from findings.packing import unpack_manifest


@dataclass(frozen=True, slots=True)
class GapGroup:
    """The gaps of one reason, operation and error code, and how many shards have them."""

    reason: GapReason
    operation: str
    code: str
    kinds: tuple[str, ...]
    accounts: int
    shards: int


def gaps_of_scan(scan: Scan, user: User | AnonymousUser) -> list[GapGroup]:
    """The gaps in the shards that a person may see, those of most shards first."""
    shards = Shard.objects.filter(scan=scan).visible_to(user).exclude(manifest=None)
    places: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for pk, account, manifest in shards.values_list("pk", "account_id", "manifest_id"):
        if manifest is not None:
            places[manifest].add((pk, account))
    found: dict[tuple[GapReason, str, str], set[tuple[int, int]]] = defaultdict(set)
    kinds: dict[tuple[GapReason, str, str], set[str]] = defaultdict(set)
    for stored in Manifest.objects.filter(pk__in=places).iterator(chunk_size=200):
        for entry in unpack_manifest(bytes(stored.body)).values():
            for gap in entry.all_gaps:
                group = (gap.reason, gap.operation, gap.code)
                found[group] |= places[stored.pk]
                kinds[group].add(gap.kind)
    groups = [
        GapGroup(
            *group,
            kinds=tuple(sorted(kinds[group])),
            accounts=len({account for _, account in where}),
            shards=len(where),
        )
        for group, where in found.items()
    ]
    return sorted(groups, key=lambda group: (-group.shards, group.operation, group.reason))
