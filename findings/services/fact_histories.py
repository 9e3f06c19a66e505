"""What facts tell of a stretch of time, kept shard by shard for longer than AWS keeps it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from findings.facts.base import KINDS, Fact, Gap, ShardFacts
from findings.facts.codec import encode_pasts
from findings.facts.histories import History, Past, joined, past_of, shortened
from findings.models import FactHistory
from findings.selectors.fact_histories import Pasts, pasts_in

KEPT = timedelta(days=400)
"""More than the year that a window of DORA may be compared with."""
RENEWED = timedelta(days=7)
"""A history to which nothing was added is written again after so long. AWS tells of the last 30
days at least, so that no hole comes of it."""


def histories_keep(*, account_id: int, region: str, facts: ShardFacts, at: datetime) -> int:
    """Add what a shard of an instant found to what is kept of its place; how many rows changed.

    Inside the transaction that holds the place. Late shards may add to it, too; where nothing is
    new nothing is written.
    """
    told = {kind: found for kind, found in facts.items() if not isinstance(found, Gap)}
    seen = {kind: _told(found, at) for kind, found in told.items() if KINDS[kind].kept}
    seen = {kind: pasts for kind, pasts in seen.items() if pasts}
    if not seen:
        return 0
    rows = FactHistory.objects.filter(account=account_id, region=region, kind__in=seen)
    held = {row.kind: row for row in rows}
    return sum(
        _keep(held.get(kind) or FactHistory(account_id=account_id, region=region, kind=kind), pasts)
        for kind, pasts in sorted(seen.items())
    )


def histories_forget(*, now: datetime) -> int:
    """Delete what was not seen any more for as long as anything is kept; how many rows went."""
    gone, _ = FactHistory.objects.filter(until__lt=now - KEPT).delete()
    return gone


def _told(found: Iterable[Fact], at: datetime) -> dict[str, Past]:
    return {fact.key: past for fact in found if (past := past_of(fact, at)) is not None}


def _keep(row: FactHistory, seen: Pasts) -> int:
    history = KINDS[row.kind].kept
    if history is None:
        return 0
    kept = pasts_in(row) if row.pk else {}
    known = {key: _added(history, kept.get(key), past) for key, past in seen.items()}
    newest = max(past.until for past in known.values())
    if row.pk and newest - row.until < RENEWED and not _differ(known, kept):
        return 0
    limit = newest - KEPT
    pasts = {
        key: shortened(history, past, limit)
        for key, past in {**kept, **known}.items()
        if past.until >= limit
    }
    row.body = zlib.compress(encode_pasts(KINDS[row.kind], pasts))
    row.until = max(newest, row.until) if row.pk else newest
    row.save()
    return 1


def _added(history: History, kept: Past | None, seen: Past) -> Past:
    return joined(history, kept, seen) if kept else seen


def _differ(known: Pasts, kept: Pasts) -> bool:
    """Whether anything is told that was not kept; that it is known until later alone is not."""
    return any(
        key not in kept or (past.since, past.entries) != (kept[key].since, kept[key].entries)
        for key, past in known.items()
    )
