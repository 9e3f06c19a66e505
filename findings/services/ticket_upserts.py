"""Tickets by the ids of a tracker that has no adapter: made where there is none, else told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from findings.models import Connection, Finding, Ticket
from findings.services.ticket_reports import Report, ticket_report
from findings.services.tickets import TicketRefused, ticket_add, ticket_edit, ticket_open


@transaction.atomic
def ticket_upsert(
    *,
    actor: User | None,
    connection: Connection,
    report: Report,
    findings: Sequence[Finding],
    now: datetime,
    ticket: Ticket | None = None,
    project: str = "",
    title: str | None = None,
    note: str | None = None,
) -> tuple[Ticket, bool]:
    """The ticket of an issue, and whether it was opened now. Saying it twice changes nothing.

    ``ticket`` is the one that the issue was made for, if it is not linked yet. Findings that it is
    not about yet are added. Two that open the same are one after the other, for the row of the
    connection is locked. Raises :class:`TicketRefused` and ValidationError.
    """
    if connection.has_adapter:
        raise TicketRefused(f"{connection} is synchronized by Cairn itself.")
    Connection.objects.select_for_update().get(pk=connection.pk)
    ticket = _held(actor, connection, report.external_id, ticket)
    is_new = ticket is None
    if ticket is None:
        _require_findings(report, findings)
        ticket = ticket_open(
            actor=actor,
            findings=findings,
            connection=connection,
            project=project,
            title=title or "",
            note=note or "",
            now=now,
        )
    else:
        _change(actor, ticket, findings, title, note, now)
    return ticket_report(actor=actor, ticket=ticket, report=report, now=now), is_new


def _require_findings(report: Report, findings: Sequence[Finding]) -> None:
    if not findings:
        raise TicketRefused(
            f"No ticket has the issue {report.external_id}: name the ticket that it was made for,"
            " or findings to open one for."
        )


def _held(
    actor: User | None, connection: Connection, external_id: str, made_for: Ticket | None
) -> Ticket | None:
    """The ticket that has the issue, or shall have it."""
    known = Ticket.objects.visible_to(actor) if actor else Ticket.objects.all()
    found = known.filter(connection=connection, external_id=external_id).first()
    if made_for is None or found == made_for:
        return found
    if found is not None:
        raise TicketRefused(f"This is the issue of {found} already.")
    if made_for.connection_id != connection.pk:
        raise TicketRefused(f"{made_for} is not of {connection}.")
    if made_for.external_id:
        raise TicketRefused(f"{made_for} has another issue, {made_for.external_id}.")
    return made_for


def _change(
    actor: User | None,
    ticket: Ticket,
    findings: Sequence[Finding],
    title: str | None,
    note: str | None,
    now: datetime,
) -> None:
    held = set(ticket.ticket_findings.values_list("finding", flat=True))
    added = [finding for finding in findings if finding.pk not in held]
    if added:
        ticket_add(actor=actor, ticket=ticket, findings=added, now=now)
    ticket_edit(actor=actor, ticket=ticket, title=title, note=note, now=now)
