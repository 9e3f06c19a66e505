"""What is kept long enough is deleted, kind by kind, in batches that lock briefly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import AnsweredRequest, AuditEntry
from findings.models import (
    AwsJob,
    CallLog,
    CheckSet,
    Evaluation,
    EvidenceBlob,
    FindingEvent,
    InboundDelivery,
    Manifest,
    Notice,
    Notification,
    NotificationMessage,
    Observation,
    RegionState,
    RetentionMark,
    Scan,
    ScoreSnapshot,
    Shard,
    SyncEvent,
    TicketEvent,
    WebhookMessage,
)
from findings.models.aws_job import LONGEST_INTERVAL
from findings.packing import unpack_manifest
from findings.services.delivery_records import deliveries_forget
from findings.services.evidence import FRESH
from findings.services.fact_histories import histories_forget
from findings.services.notification_sources import LOOKED_BACK
from findings.services.webhook_feed import SCANS_LOOKED_BACK

BATCH = 1000
LATEST_REFERENCE = 2 * FRESH
"""A blob that was referred to lately may belong to a shard that is being committed."""


def retention_sweep(*, days: Mapping[str, int], now: datetime) -> dict[str, int]:
    """Delete what is older than its kind is kept; how many rows went, by kind.

    ``days`` are those of the setting RETENTION_DAYS; 0 keeps a kind for ever. The newest evidence
    of every place is kept, however old it is.
    """
    before = {kind: now - timedelta(days=kept) for kind, kept in days.items() if kept}
    gone: Counter[str] = Counter()
    _mark(before)
    if limit := before.get("call_log"):
        gone["call_log"] = _delete(CallLog.objects.filter(created_at__lt=limit))
        gone["observation"] = _delete(_superseded(Observation.objects.filter(created_at__lt=limit)))
    if limit := before.get("scan"):
        gone["scan"] = _delete_scans(limit)
    if limit := before.get("evidence"):
        gone["evidence"] = _forget_manifests(limit) + _delete_orphans(now)
    if limit := before.get("job"):
        gone["job"] = _delete_jobs(limit, now)
    if limit := before.get("event"):
        gone.update(_delete_events(limit))
    if limit := before.get("sync"):
        gone["sync"] = _delete(SyncEvent.objects.filter(at__lt=limit))
        gone["delivery"] = _delete(InboundDelivery.objects.filter(received_at__lt=limit))
    if limit := before.get("notification"):
        sent = NotificationMessage.objects.exclude(status="waiting")
        gone["notification"] = _delete(sent.filter(created_at__lt=limit))
        gone["notice"] = _delete(_untellable(limit, now))
    if limit := before.get("webhook"):
        gone["webhook"] = _delete_messages(limit, now)
    if limit := before.get("audit"):
        gone["audit"] = _delete(AuditEntry.objects.filter(at__lt=limit))
    if forgotten := _delete(AnsweredRequest.objects.forgotten(now)):
        gone["answered_request"] = forgotten
    if forgotten := histories_forget(now=now):
        gone["fact_history"] = forgotten
    if limit := before.get("score"):
        gone["score"] = _delete(ScoreSnapshot.objects.filter(day__lt=limit.date()))
    return dict(gone)


def _delete_events(limit: datetime) -> Counter[str]:
    kinds = (FindingEvent.objects, TicketEvent.objects)
    gone = Counter(event=sum(_delete(rows.filter(at__lt=limit)) for rows in kinds))
    if forgotten := deliveries_forget(before=limit):
        gone["production_change"] = forgotten
    return gone


def _mark(before: Mapping[str, datetime]) -> None:
    """What is told of a time of which not all is kept has to say so, whatever is set later."""
    for kind in before.keys() & {"scan", "event"}:
        RetentionMark.objects.get_or_create(kind=kind, defaults={"before": before[kind]})
        RetentionMark.objects.filter(kind=kind, before__lt=before[kind]).update(before=before[kind])


def _untellable(limit: datetime, now: datetime) -> QuerySet[Notice]:
    """Without those by which what is looked at again is known: what stands, and what is recent."""
    known_until = min(limit, now - 2 * LOOKED_BACK)
    stands = Q(over_at=None, key__startswith="standing:")
    waits = Notification.objects.filter(notice=OuterRef("pk"), status="waiting")
    return Notice.objects.filter(~stands, ~Exists(waits), made_at__lt=known_until)


def _delete_messages(limit: datetime, now: datetime) -> int:
    """Of webhooks, with their attempts: what was delivered or withheld, and not moved since.

    What waits or was given up stays until it is sent again or its webhook is deleted. No message of
    a scan goes while it shows that the scan was told of.
    """
    limit = min(limit, now - SCANS_LOOKED_BACK)
    Status = WebhookMessage.Status
    over = WebhookMessage.objects.filter(status__in=[Status.DELIVERED, Status.WITHHELD])
    return _delete(over.filter(created_at__lt=limit, not_before__lt=limit))


def _sources() -> set[int]:
    """The shards that hold the current evidence of a place."""
    rows = RegionState.objects.exclude(sources={}).values_list("sources", flat=True)
    return {int(shard) for sources in rows.iterator() for shard in sources}


def _superseded(observations: QuerySet[Observation]) -> QuerySet[Observation]:
    """Without those whose shard still is the newest of its place: checks read them."""
    return observations.exclude(shard__in=_sources()) if observations.exists() else observations


def _delete_scans(limit: datetime) -> int:
    """Shards first, then the scans that have none left."""
    ended = Scan.objects.filter(finished_at__lt=limit)
    if not ended.exists():
        return 0
    _delete(Shard.objects.filter(scan__in=ended).exclude(pk__in=_sources()))
    left = Shard.objects.filter(scan=OuterRef("pk"))
    gone = _delete(ended.filter(~Exists(left)))
    of_scan = Scan.objects.filter(check_set=OuterRef("pk"))
    of_evaluation = Evaluation.objects.filter(check_set=OuterRef("pk"))
    old = CheckSet.objects.filter(created_at__lt=limit)
    _delete(old.filter(~Exists(of_scan), ~Exists(of_evaluation)))
    return gone


def _delete_jobs(limit: datetime, now: datetime) -> int:
    """Jobs that ended; the newest of a subject tells how long until the next, so it is kept."""
    newer = AwsJob.objects.filter(
        account=OuterRef("account"),
        region=OuterRef("region"),
        kind=OuterRef("kind"),
        subject=OuterRef("subject"),
        asked_at__gt=OuterRef("asked_at"),
    )
    needed_no_longer = Exists(newer) | Q(asked_at__lt=now - timedelta(days=LONGEST_INTERVAL))
    return _delete(AwsJob.objects.filter(needed_no_longer, finished_at__lt=limit))


def _forget_manifests(limit: datetime) -> int:
    """Old shards keep their numbers without their evidence."""
    old = Shard.objects.filter(collected_at__lt=limit).exclude(manifest=None)
    return old.exclude(pk__in=_sources()).update(manifest=None) if old.exists() else 0


def _delete_orphans(now: datetime) -> int:
    """Manifests that no shard has, then blobs that no manifest names."""
    unused = ~Exists(Shard.objects.filter(manifest=OuterRef("pk")))
    orphans = Manifest.objects.filter(unused, created_at__lt=now - LATEST_REFERENCE)
    return _delete(orphans) + _delete_blobs(now)


def _delete_blobs(now: datetime) -> int:
    old = EvidenceBlob.objects.filter(referred_at__lt=now - LATEST_REFERENCE)
    if not old.exists():
        return 0
    named: set[str] = set()
    for body in Manifest.objects.values_list("body", flat=True).iterator(chunk_size=200):
        named |= {entry.blob for entry in unpack_manifest(bytes(body)).values() if entry.blob}
    hashes = old.order_by("id").values_list("id", "sha256").iterator(chunk_size=BATCH)
    unused = [pk for pk, sha256 in hashes if sha256 not in named]
    return sum(
        # the instant is asked again: a shard may have come to need the blob meanwhile
        _delete(old.filter(pk__in=unused[start : start + BATCH]))
        for start in range(0, len(unused), BATCH)
    )


def _delete(rows: QuerySet[Any]) -> int:
    """Delete in batches, each in a transaction of its own."""
    gone = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            deleted = rows.filter(pk__in=batch).delete()[1].get(rows.model._meta.label, 0)
        gone += deleted
        if not deleted:
            break
    return gone
