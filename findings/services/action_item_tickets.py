"""Action items as tickets: opened by people, then each follows the other.

The ticket is told what evidence says. What people say in it is read from its events, in their
order, from a stored cursor: done claims the item, and taking that back takes the claim back. An
event that is followed again, or too late, finds the item changed since, and changes nothing.
"""

from __future__ import annotations

import contextlib
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.models import Organization
from accounts.roles import Permission
from accounts.services.audit import audit_record
from findings.models import (
    ActionItem,
    Connection,
    IncidentSequence,
    Route,
    Ticket,
    TicketEvent,
    TicketStatus,
)
from findings.services.action_item_places import work_of
from findings.services.action_items import (
    ActionItemRefused,
    action_item_claim,
    action_item_take_back,
)
from findings.services.incident_access import require_on_incident
from findings.services.ticket_places import ticket_open_for_places

BATCH = 500
Kind = TicketEvent.Kind


@transaction.atomic
def action_item_open_ticket(
    *,
    actor: User | None,
    item: ActionItem,
    connection: Connection | None = None,
    project: str = "",
    route: Route | None = None,
    now: datetime,
) -> Ticket:
    """A ticket for an item that has none, or whose issue is gone; without a connection, ours.

    Raises ActionItemRefused, TicketRefused and ValidationError.
    """
    held = _held_without_ticket(actor, item)
    ticket = ticket_open_for_places(
        actor=actor,
        work=work_of(held),
        connection=connection,
        project=project,
        route=route,
        now=now,
    )
    held.ticket, held.changed_at = ticket, now
    held.save(update_fields=["ticket", "changed_at"])
    audit_record(
        actor=actor,
        action="action_item.ticket",
        target=held,
        before=None,
        after={"ticket": str(ticket.uid)},
        now=now,
    )
    item.ticket = ticket
    return ticket


def _held_without_ticket(actor: User | None, item: ActionItem) -> ActionItem:
    related = ("organization", "incident", "ticket", "owner_team")
    rows = ActionItem.objects.select_for_update(of=("self",)).select_related(*related)
    held = rows.get(pk=item.pk)
    require_on_incident(actor, Permission.CONTRIBUTE, held.incident)
    if held.state == ActionItem.State.VERIFIED:
        raise ActionItemRefused("It is verified: there is nothing to follow in a ticket.")
    if held.ticket and held.ticket.detached_at is None:
        raise ActionItemRefused(f"It is followed in {held.ticket} already.")
    return held


def tickets_follow(*, organization: Organization) -> int:
    """Let items follow the next events of their tickets; how many there were, 0 at the end."""
    rows = IncidentSequence.objects
    rows.bulk_create([IncidentSequence(organization=organization)], ignore_conflicts=True)
    read = rows.get(organization=organization).ticket_event
    after = TicketEvent.objects.filter(organization=organization, number__gt=read)
    mine = after.filter(ticket__action_item__isnull=False).order_by("number")
    events = list(mine.select_related("ticket")[:BATCH])
    for event in events:
        _follow(event)
    if events:
        held = rows.filter(organization=organization, ticket_event=read)
        held.update(ticket_event=events[-1].number)
    return len(events)


@transaction.atomic
def _follow(event: TicketEvent) -> None:
    """As if it had been said of the item at that instant; what was decided later goes before it."""
    items = ActionItem.objects.select_for_update(of=("self",))
    item = items.select_related("organization", "incident").get(ticket=event.ticket_id)
    if event.at < item.changed_at:
        return
    with contextlib.suppress(ActionItemRefused):
        if event.kind == Kind.CLAIMED:
            action_item_claim(actor=None, item=item, via="ticket", now=event.at)
        elif _takes_back(event):
            action_item_take_back(actor=None, item=item, now=event.at)


def _takes_back(event: TicketEvent) -> bool:
    if event.kind == Kind.MOVED:
        was_done = event.before.get("status") == TicketStatus.DONE
        return bool(was_done and event.after.get("status") != TicketStatus.DONE)
    return event.kind in (Kind.RETURNED, Kind.REFUSED)
