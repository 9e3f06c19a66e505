"""Settling by hand what a ticket and its issue insist on, each in its own way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from django.contrib.auth.models import User
from django.db import transaction

from accounts.services.audit import audit_record
from findings.models import OutboxMessage, Ticket, TicketEvent
from findings.services.outbox import lease_end, outbox_ask, ticket_lease
from findings.services.ticket_access import require_on_ticket
from findings.services.ticket_events import ticket_event, ticket_events_append
from findings.services.ticket_states import ticket_lock
from findings.services.tickets import TicketRefused
from findings.ticketing.base import Value, desired_values
from findings.ticketing.codec import (
    base_of_json,
    base_to_json,
    desired_of_json,
    desired_to_json,
)
from findings.ticketing.state import Field, StatusCategory


class Side(StrEnum):
    OURS = "ours"
    THEIRS = "theirs"


@transaction.atomic
def drift_resolve(*, actor: User | None, ticket: Ticket, side: Side, now: datetime) -> Ticket:
    """Put ours there once more, or let theirs stand. Raises :class:`TicketRefused`.

    Ours makes an issue that is gone anew, asks again for a status that they changed, and tries what
    was blocked or given up. Theirs ends the contest about fields.
    """
    require_on_ticket(actor, ticket)
    leased = ticket_lease(ticket_id=ticket.pk, now=now)
    if leased is None:
        raise TicketRefused(f"{ticket} is being synchronized. Try again in a minute.")
    held = ticket_lock(leased)
    before = {"drift": held.drift, "blocked": held.blocked_reason, "detached": held.detached_at}
    told: list[TicketEvent] = []
    if side is Side.THEIRS:
        _take_theirs(held)
    else:
        told = _insist(actor, held, now)
    held.drift, held.blocked_reason = {}, ""
    held.save()
    lease_end(ticket=held)
    audit_record(
        actor=actor,
        action=f"ticket.drift.{side.value}",
        target=held,
        before=before,
        after=None,
        now=now,
    )
    outbox_ask(ticket=held, kind=OutboxMessage.Kind.PUSH, why="settled by a person", now=now)
    ticket_events_append(organization_id=held.organization_id, events=told)
    return held


def _take_theirs(ticket: Ticket) -> None:
    if not ticket.base or not ticket.drift:
        raise TicketRefused("Nothing of theirs can be taken here; put ours there once more.")
    base, wanted = base_of_json(ticket.base), desired_values(desired_of_json(ticket.desired))
    told = _told(ticket)
    base = replace(
        base,
        sent={**base.sent, **{name: wanted[name] for name in told}},
        told={**base.told, **told},
        put_back={name: n for name, n in base.put_back.items() if name not in told},
    )
    ticket.base = base_to_json(base)


def _told(ticket: Ticket) -> dict[Field, Value]:
    """What they insist on, by field; dates and labels as the base has them."""
    plain = {"sent": {}, "told": ticket.drift}
    stored = {**(ticket.base or {}), **plain}
    return dict(base_of_json(stored).told)


def _insist(actor: User | None, ticket: Ticket, now: datetime) -> list[TicketEvent]:
    if ticket.detached_at:
        gone = {"key": ticket.key}
        ticket.external_id = ticket.key = ticket.url = ticket.remote_version = ""
        ticket.detached_at = ticket.base = ticket.create_sent_at = ticket.remote_status_at = None
        ticket.times_gone = ticket.lookups = 0
        return [ticket_event(ticket, TicketEvent.Kind.UNLINKED, now, actor=actor, before=gone)]
    if not ticket.base:
        return []
    base = replace(base_of_json(ticket.base), put_back={})
    ticket.base = base_to_json(base)
    desired = desired_of_json(ticket.desired)
    is_undone = not ticket.is_live and base.status_category is not StatusCategory.DONE
    if desired.status and is_undone:
        ticket.demands += 1
        again = replace(desired.status, id=str(ticket.demands), basis=ticket.remote_status_at)
        ticket.desired = desired_to_json(replace(desired, status=again))
        ticket.desired_version += 1
    return []
