"""What a scan could not collect, grouped by why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User

from findings.facts.base import GapReason
from findings.models import Manifest, Scan, Shard
from findings.packing import unpack_manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class GapGroup:
    """The gaps of one reason, operation and error code, and where they are (internal ids)."""

    reason: GapReason
    operation: str
    code: str
    kinds: tuple[str, ...]
    account_ids: frozenset[int]
    shard_ids: frozenset[int]

    @property
    def key(self) -> str:
        """Names the group within its scan, for addresses."""
        return "~".join((self.reason, self.operation, self.code))

    @property
    def accounts(self) -> int:
        return len(self.account_ids)

    @property
    def shards(self) -> int:
        return len(self.shard_ids)


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
            reason=reason,
            operation=operation,
            code=code,
            kinds=tuple(sorted(kinds[reason, operation, code])),
            account_ids=frozenset(account for _, account in where),
            shard_ids=frozenset(shard for shard, _ in where),
        )
        for (reason, operation, code), where in found.items()
    ]
    return sorted(groups, key=lambda group: (-group.shards, group.operation, group.reason))
