"""Tickets that people said will not be done, once it is decided whether that is accepted.

An approval leaves them as they are. A refusal sends them back, here and in the tracker, with why.
Which refusals are told already is said by the ticket's history, so asking twice does nothing more.
"""

from __future__ import annotations

from datetime import datetime

from accounts.models import Organization
from findings.models import Suppression, Ticket, TicketEvent
from findings.selectors.ticket_stories import standing_of
from findings.services.ticket_moves import ticket_return
from findings.services.tickets import TicketRefused

Kind = TicketEvent.Kind


def refusals_follow(*, organization: Organization, now: datetime) -> int:
    """Send tickets back whose suppression was refused; how many.

    Where several were asked for, all of them are decided first.
    """
    returned = 0
    waiting = Ticket.objects.live().filter(organization=organization, wont_do=True)
    for ticket in waiting.select_related("connection", "organization").order_by("id"):
        note = _refusal(ticket, now)
        if note is None:
            continue
        try:
            ticket_return(actor=None, ticket=ticket, note=note, now=now)
        except TicketRefused:  # it was moved at the same moment
            continue
        returned += 1
    return returned


def _refusal(ticket: Ticket, now: datetime) -> str | None:
    """Why not, in the words of who decided; None where nothing new was refused."""
    findings = [episode.finding_id for episode in standing_of(ticket).open]
    asked = Suppression.objects.filter(finding__in=findings).order_by("id")
    newest = {suppression.finding_id: suppression for suppression in asked}
    if any(one.state(now) is Suppression.State.ASKED for one in newest.values()):
        return None
    said, back = _last(ticket, Kind.REFUSED), _last(ticket, Kind.RETURNED)
    notes = [
        suppression.decision_note
        for suppression in newest.values()
        if suppression.is_approved is False
        and (decided := suppression.decided_at) is not None
        and (said is None or decided >= said)
        and (back is None or decided > back)
    ]
    if not notes:
        return None
    return "No suppression was given: " + "; ".join(dict.fromkeys(notes))


def _last(ticket: Ticket, kind: TicketEvent.Kind) -> datetime | None:
    return ticket.events.filter(kind=kind).order_by("-number").values_list("at", flat=True).first()
