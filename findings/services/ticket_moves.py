"""What people say about the work: done is a claim, won't do asks for a suppression.

Neither closes anything. A claim is put on the episodes and a scan is asked for; only a scan that
passes resolves, and one that fails sends the ticket back with what still fails.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from findings.checks.base import built_in
from findings.models import (
    Episode,
    Finding,
    Ticket,
    TicketComment,
    TicketEvent,
    TicketPlace,
    TicketStatus,
    Workflow,
)
from findings.selectors.ticket_stories import standing_of
from findings.services.claims import claims_recheck
from findings.services.suppressions import suppression_ask_from_outside
from findings.services.ticket_access import require_on_ticket
from findings.services.ticket_events import ticket_event
from findings.services.ticket_states import ticket_lock, ticket_settle
from findings.services.tickets import TicketRefused
from findings.services.workflow import findings_move

Kind = TicketEvent.Kind
PlaceState = TicketPlace.State


@dataclass(frozen=True, kw_only=True)
class SaidMove:
    """A move as somebody made it, here or in a tracker. ``reason`` is asked for with won't do."""

    status: TicketStatus
    wont_do: bool = False
    name: str = ""
    who: str = ""
    reason: str = ""
    at: datetime | None = None
    """By the tracker's clock."""


@transaction.atomic
def ticket_move(*, actor: User | None, ticket: Ticket, move: SaidMove, now: datetime) -> Ticket:
    """Move a ticket on our board. Raises :class:`TicketRefused` and ValidationError."""
    held = ticket_lock(ticket)
    require_on_ticket(actor, held)
    if held.connection.has_adapter:
        raise TicketRefused(f"{held} is moved in {held.connection}; Cairn follows it there.")
    if not held.is_live:
        raise TicketRefused(f"{held} is closed: a scan verified it. It opens if it fails again.")
    if move.wont_do and not move.reason.strip():
        raise ValidationError({"reason": "Say why it will not be done."})
    if (held.status, held.wont_do) == (move.status, move.wont_do):
        return held
    events = move_apply(actor=actor, ticket=held, move=move, now=now)
    return ticket_settle(ticket=held, events=events, now=now)


@transaction.atomic
def ticket_return(*, actor: User | None, ticket: Ticket, note: str, now: datetime) -> Ticket:
    """Send a live ticket back that was said to be done, or not to be done; there too.

    For who decides that a suppression is not given. Raises :class:`TicketRefused`.
    """
    held = ticket_lock(ticket)
    require_on_ticket(actor, held)
    if not held.is_live or held.status != TicketStatus.DONE:
        raise TicketRefused(f"{held} waits for nothing that could be refused.")
    before = {"status": held.status, "wont_do": held.wont_do}
    held.wont_do = False
    if not held.connection.has_adapter:
        held.status, held.status_name = TicketStatus.TODO, ""
    if text := note.replace("\0", "").strip():
        TicketComment.objects.create(
            ticket=held,
            origin=TicketComment.Origin.PERSON,
            author=actor,
            author_name=actor.get_username() if actor else "",
            body=text,
            at=now,
        )
    _follow(actor, held, now)
    returned = ticket_event(held, Kind.RETURNED, now, actor=actor, before=before)
    return ticket_settle(ticket=held, events=[returned], now=now, says=bool(text))


def move_apply(
    *, actor: User | None, ticket: Ticket, move: SaidMove, now: datetime
) -> list[TicketEvent]:
    """Take a move over onto a locked ticket and its episodes; the events that tell of it."""
    before = {"status": ticket.status, "wont_do": ticket.wont_do}
    ticket.status, ticket.status_name = move.status, move.name[:255]
    ticket.wont_do = move.wont_do and move.status == TicketStatus.DONE
    after: dict[str, object] = {"status": ticket.status, "wont_do": ticket.wont_do}
    told = [
        ticket_event(ticket, Kind.MOVED, now, actor=actor, who=move.who, before=before, after=after)
    ]
    if not ticket.is_live:
        return told
    if ticket.wont_do:
        told.append(_refuse(actor, ticket, move, now))
    elif ticket.status == TicketStatus.DONE:
        told.append(_claim(actor, ticket, move, now))
    else:
        _follow(actor, ticket, now)
    return told


def _claim(actor: User | None, ticket: Ticket, move: SaidMove, now: datetime) -> TicketEvent:
    """Claim every open episode and place, and have a scan look where it can.

    Who a place belongs to follows the event, and asks for the scan that it needs.
    """
    findings = [episode.finding for episode in standing_of(ticket).open]
    _move_findings(actor, ticket, findings, Workflow.FIX_CLAIMED, now)
    places = _move_places(ticket, PlaceState.OPEN, PlaceState.CLAIMED)
    scan = claims_recheck(findings=findings, now=now)
    after = {"claimed": len(findings) + places, "scan": str(scan.uid) if scan else None}
    return ticket_event(ticket, Kind.CLAIMED, now, actor=actor, who=move.who, after=after)


def _move_places(ticket: Ticket, before: PlaceState, after: PlaceState) -> int:
    return ticket.places.filter(state=before).update(state=after)


def _refuse(actor: User | None, ticket: Ticket, move: SaidMove, now: datetime) -> TicketEvent:
    """It asks for a suppression, which others decide; the findings stay as they are.

    Why is said in a comment: here by the person, there by what they wrote in the tracker.
    """
    standing = standing_of(ticket)
    reason = move.reason.replace("\0", "").strip()
    asked = _ask_to_suppress(actor, ticket, standing.open, move.who, reason, now)
    claimed = [episode.finding for episode in standing.claimed]
    _move_findings(actor, ticket, claimed, Workflow.IN_PROGRESS, now)
    _move_places(ticket, PlaceState.CLAIMED, PlaceState.OPEN)
    if reason:
        TicketComment.objects.create(
            ticket=ticket,
            origin=TicketComment.Origin.PERSON,
            author=actor,
            author_name=actor.get_username() if actor else move.who[:255],
            body=f"Will not be done: {reason}",
            at=now,
        )
    counts = {"findings": len(standing.open), "asked": asked}
    return ticket_event(ticket, Kind.REFUSED, now, actor=actor, who=move.who, after=counts)


def _ask_to_suppress(
    actor: User | None,
    ticket: Ticket,
    episodes: Iterable[Episode],
    who: str,
    reason: str,
    now: datetime,
) -> int:
    """How many of its open findings there is a request for; some may not be suppressed at all."""
    asked = 0
    for episode in episodes:
        with contextlib.suppress(ValidationError):
            suppression_ask_from_outside(
                actor=actor,
                finding=episode.finding,
                reason=reason or f"Will not be done, says ticket {ticket}.",
                origin=f"Ticket {ticket}, {who}".rstrip(", ")[:256],
                registry=built_in(),
                now=now,
            )
            asked += 1
    return asked


def _follow(actor: User | None, ticket: Ticket, now: datetime) -> None:
    """Work has begun, or a claim was taken back: the episodes say so, too."""
    begun = [Workflow.FIX_CLAIMED]
    if ticket.status == TicketStatus.IN_PROGRESS:
        begun += [Workflow.NEW, Workflow.TRIAGED]
    open_ones = standing_of(ticket).open
    findings = [episode.finding for episode in open_ones if episode.workflow in begun]
    _move_findings(actor, ticket, findings, Workflow.IN_PROGRESS, now)
    _move_places(ticket, PlaceState.CLAIMED, PlaceState.OPEN)


def _move_findings(
    actor: User | None, ticket: Ticket, findings: list[Finding], to: Workflow, now: datetime
) -> None:
    findings_move(actor=actor, findings=findings, to=to, note=f"In ticket {ticket}", now=now)
