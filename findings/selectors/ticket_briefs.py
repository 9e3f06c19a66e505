"""Tickets as lists tell of them, each person what they may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from findings.models import Ticket
from findings.selectors.tickets import Person, ticket_told


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketBrief:
    """A ticket in a list; title and numbers are of the findings that the person sees."""

    ticket: Ticket
    is_whole: bool
    title: str
    findings_total: int
    findings_open: int
    findings_verified: int


def tickets_brief(user: Person, tickets: Sequence[Ticket]) -> list[TicketBrief]:
    """Visible tickets, in their order."""
    whole = Ticket.objects.whole_to(user).filter(pk__in=[ticket.pk for ticket in tickets])
    known = set(whole.values_list("pk", flat=True))
    return [_whole(one) if one.pk in known else _in_part(user, one) for one in tickets]


def _whole(ticket: Ticket) -> TicketBrief:
    return TicketBrief(
        ticket=ticket,
        is_whole=True,
        title=ticket.title,
        findings_total=ticket.findings_total,
        findings_open=ticket.findings_open,
        findings_verified=ticket.findings_verified,
    )


def _in_part(user: Person, ticket: Ticket) -> TicketBrief:
    told = ticket_told(user, ticket)
    return TicketBrief(
        ticket=ticket,
        is_whole=False,
        title=told.title,
        findings_total=told.findings_total,
        findings_open=told.findings_open,
        findings_verified=told.findings_verified,
    )
