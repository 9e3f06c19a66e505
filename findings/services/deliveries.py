"""What trackers send: kept once, then taken for a hint at which issues to look again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from findings.models import Connection, InboundDelivery, OutboxMessage, Ticket
from findings.services.nudges import nudge_on_commit
from findings.services.outbox import outbox_ask

RECEIVE = "workers.tasks.tickets.receive"
LONGEST_BODY = 1_000_000
"""Bytes; what is longer is refused before it is read to its end."""
LONGEST_ID = 255
BATCH = 100


@transaction.atomic
def delivery_store(
    *,
    connection: Connection,
    delivery_id: str,
    body: bytes,
    external_ids: Iterable[str],
    error: str = "",
    now: datetime,
) -> InboundDelivery:
    """Keep a delivery whose signature was right; one that comes again is the one that is there."""
    digest = hashlib.sha256(body).hexdigest()
    name = delivery_id.replace("\0", "") or digest
    name = name if len(name) <= LONGEST_ID else hashlib.sha256(name.encode()).hexdigest()
    delivery = InboundDelivery(
        connection=connection,
        delivery_id=name,
        body_sha256=digest,
        body=body,
        external_ids=[text.replace("\0", "") for text in external_ids],
        error=error,
        received_at=now,
    )
    InboundDelivery.objects.bulk_create([delivery], ignore_conflicts=True)
    nudge_on_commit(RECEIVE)
    return InboundDelivery.objects.get(connection=connection, delivery_id=name)


def delivery_refused(*, connection: Connection) -> None:
    """One without a right signature is counted; keeping it would let anybody fill the disk."""
    Connection.objects.filter(pk=connection.pk).update(
        refused_deliveries=F("refused_deliveries") + 1
    )


def deliveries_process(*, now: datetime) -> int:
    """Have the issues looked at that deliveries are about; how many deliveries there were.

    Doing it twice asks twice for the same look, which is one.
    """
    waiting = InboundDelivery.objects.filter(status=InboundDelivery.Status.RECEIVED)
    found = list(waiting.select_related("connection").order_by("id")[:BATCH])
    for delivery in found:
        _process(delivery, now)
    return len(found)


@transaction.atomic
def _process(delivery: InboundDelivery, now: datetime) -> None:
    told = Q(external_id__in=delivery.external_ids) | Q(key__in=delivery.external_ids)
    tickets = Ticket.objects.filter(told, connection=delivery.connection).exclude(external_id="")
    asked = 0
    for ticket in tickets.select_related("connection"):
        why = f"delivery {delivery.delivery_id}"
        outbox_ask(ticket=ticket, kind=OutboxMessage.Kind.LOOK, why=why, now=now)
        asked += 1
    Status = InboundDelivery.Status
    InboundDelivery.objects.filter(pk=delivery.pk, status=Status.RECEIVED).update(
        status=Status.PROCESSED if asked else Status.IGNORED, processed_at=now
    )
