"""The outbox: which tickets are to be compared with their issues, and who does it now.

One message for a ticket, written in the transaction of what changed. A ticket is worked on under a
lease on its row, taken and kept by conditional updates; a message that was asked for again
meanwhile stays.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest

from accounts.services.audit import audit_record
from findings.models import ConnectionProject, OutboxMessage, Ticket
from findings.services.nudges import nudge_on_commit
from findings.services.ticket_access import require_on_ticket

PUSH = "workers.tasks.tickets.push"
LEASE = timedelta(minutes=5)
"""Longer than the calls between two renewals may take together."""
BATCH = 200
Kind, Status = OutboxMessage.Kind, OutboxMessage.Status


class LeaseLost(Exception):
    """Another worker has the ticket: what this one still wants to write is not written."""


@transaction.atomic
def outbox_ask(*, ticket: Ticket, kind: OutboxMessage.Kind, why: str, now: datetime) -> None:
    """Have both sides compared soon.

    A dead letter, and what was blocked, is tried anew: something has changed.
    """
    if not ticket.connection.has_adapter or ticket.detached_at:
        return
    message = OutboxMessage(
        ticket=ticket, kind=kind, why=why[:255], times_asked=0, asked_at=now, not_before=now
    )
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)
    held = OutboxMessage.objects.filter(ticket=ticket)
    held.filter(status=Status.DEAD).update(
        status=Status.WAITING, attempts=0, not_before=now, asked_at=now
    )
    if ticket.blocked_reason:
        held.update(not_before=now)
    ours = {"kind": kind, "why": why[:255]} if kind == Kind.PUSH else {}
    held.update(times_asked=F("times_asked") + 1, **ours)
    nudge_on_commit(PUSH, ticket.pk)


def outbox_due(*, now: datetime) -> list[int]:
    """The tickets whose turn it is, those first that wait longest."""
    broken = ConnectionProject.objects.filter(
        connection=OuterRef("ticket__connection"),
        project=OuterRef("ticket__project"),
        breaker_until__gt=now,
    )
    free = Q(ticket__lease_until=None) | Q(ticket__lease_until__lte=now)
    works = Q(ticket__connection__breaker_until=None) | Q(
        ticket__connection__breaker_until__lte=now
    )
    due = OutboxMessage.objects.waiting().filter(
        ~Exists(broken), free, works, not_before__lte=now, ticket__connection__is_active=True
    )
    return list(due.values_list("ticket", flat=True)[:BATCH])


def ticket_lease(*, ticket_id: int, now: datetime) -> Ticket | None:
    """The ticket under a new lease; None where another worker has it."""
    token = uuid.uuid4()
    free = Ticket.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), pk=ticket_id)
    if not free.update(lease_token=token, lease_until=now + LEASE):
        return None
    return Ticket.objects.select_related("connection__organization", "route").get(pk=ticket_id)


def lease_keep(*, ticket: Ticket, now: datetime, **columns: object) -> None:
    """Renew the lease and write columns with it. Raises :class:`LeaseLost`."""
    mine = Ticket.objects.filter(pk=ticket.pk, lease_token=ticket.lease_token)
    if not mine.update(lease_until=now + LEASE, **columns):
        raise LeaseLost(f"another worker has ticket {ticket.pk}")
    for name, value in columns.items():
        setattr(ticket, name, value)


def lease_end(*, ticket: Ticket) -> None:
    mine = Ticket.objects.filter(pk=ticket.pk, lease_token=ticket.lease_token)
    mine.update(lease_token=None, lease_until=None)


def outbox_done(*, message: OutboxMessage, now: datetime) -> bool:
    """Take a message out, unless it was asked again since it was read."""
    unchanged = OutboxMessage.objects.filter(pk=message.pk, times_asked=message.times_asked)
    if unchanged.delete()[0]:
        return True
    OutboxMessage.objects.filter(pk=message.pk).update(attempts=0, not_before=now, last_error="")
    return False


def outbox_retry(*, message: OutboxMessage, error: str, wait: timedelta, now: datetime) -> None:
    OutboxMessage.objects.filter(pk=message.pk).update(
        attempts=F("attempts") + 1, last_error=error, not_before=now + wait
    )


def outbox_wait(*, message: OutboxMessage, error: str, until: datetime) -> None:
    """Not before; it counts as no attempt, because nothing is wrong with the message."""
    OutboxMessage.objects.filter(pk=message.pk).update(
        last_error=error, not_before=Greatest(F("not_before"), until)
    )


def outbox_bury(*, message: OutboxMessage, error: str) -> None:
    """Give up: a dead letter, until a person replays it or the ticket changes again."""
    OutboxMessage.objects.filter(pk=message.pk).update(
        status=Status.DEAD, attempts=F("attempts") + 1, last_error=error
    )


@transaction.atomic
def outbox_replay(*, actor: User | None, message: OutboxMessage, now: datetime) -> OutboxMessage:
    """Begin again with a message, dead or waiting for its next attempt.

    Who may change the ticket may. Raises Denied.
    """
    require_on_ticket(actor, message.ticket)
    OutboxMessage.objects.filter(pk=message.pk).update(
        status=Status.WAITING, attempts=0, not_before=now, times_asked=F("times_asked") + 1
    )
    audit_record(
        actor=actor,
        action="ticket.replay",
        target=message.ticket,
        before={"attempts": message.attempts, "error": message.last_error},
        after=None,
        now=now,
    )
    nudge_on_commit(PUSH, message.ticket_id)
    message.refresh_from_db()
    return message
