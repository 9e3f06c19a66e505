"""What a client of the API tells of an issue in a tracker that has no adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from findings.models import Ticket, TicketComment, TicketEvent, TicketStatus
from findings.services.ticket_access import require_on_ticket
from findings.services.ticket_events import ticket_event
from findings.services.ticket_moves import SaidMove, move_apply
from findings.services.ticket_states import ticket_lock, ticket_settle
from findings.services.tickets import TicketRefused

Kind = TicketEvent.Kind


@dataclass(frozen=True, kw_only=True)
class ReportedComment:
    external_id: str
    body: str
    author: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """An issue as its tracker has it; None and empty leave what is known as it is."""

    external_id: str = ""
    key: str = ""
    url: str = ""
    status: SaidMove | None = None
    """With ``at`` by the tracker's clock: what is strictly older than what is known is dropped."""
    assignee: str | None = None
    comments: Sequence[ReportedComment] = ()


@transaction.atomic
def ticket_report(*, actor: User | None, ticket: Ticket, report: Report, now: datetime) -> Ticket:
    """Take over what a tracker without an adapter tells. Saying it twice changes nothing.

    Done is a claim and won't do asks for a suppression, as with every tracker. Raises
    :class:`TicketRefused`.
    """
    held = ticket_lock(ticket)
    require_on_ticket(actor, held)
    if held.connection.has_adapter:
        raise TicketRefused(f"{held.connection} is synchronized by Cairn itself.")
    told = _link(actor, held, report, now)
    told += _move(actor, held, report.status, now)
    if report.assignee is not None and report.assignee != held.assignee:
        before, held.assignee = held.assignee, report.assignee.replace("\0", "")[:255]
        names = {"assignee": before}, {"assignee": held.assignee}
        told.append(
            ticket_event(held, Kind.ASSIGNED, now, actor=actor, before=names[0], after=names[1])
        )
    told += _comments(actor, held, report.comments, now)
    try:
        with transaction.atomic():
            return ticket_settle(ticket=held, events=told, now=now)
    except IntegrityError:
        raise TicketRefused("Another ticket has this issue already.") from None


def _link(actor: User | None, ticket: Ticket, report: Report, now: datetime) -> list[TicketEvent]:
    given = {
        name: getattr(report, name).replace("\0", "")[:limit]
        for name, limit in (("external_id", 255), ("key", 255), ("url", 2000))
        if getattr(report, name)
    }
    if all(getattr(ticket, name) == value for name, value in given.items()):
        return []
    for name, value in given.items():
        setattr(ticket, name, value)
    return [ticket_event(ticket, Kind.LINKED, now, actor=actor, after={"key": ticket.key})]


def _move(
    actor: User | None, ticket: Ticket, move: SaidMove | None, now: datetime
) -> list[TicketEvent]:
    """Each state of theirs is taken over once, also where ours has moved on meanwhile."""
    if move is None:
        return []
    known, told = ticket.remote_status_at, f"{move.status}/{move.wont_do}/{move.at}"
    is_older = move.at is not None and known is not None and move.at < known
    if is_older or told == ticket.remote_version:
        return []
    Ticket.objects.filter(pk=ticket.pk).update(
        remote_version=told, remote_status_at=move.at or known
    )
    is_known = (move.status, move.wont_do) == (TicketStatus(ticket.status), ticket.wont_do)
    if is_known and move.status != TicketStatus.DONE:
        return []
    return move_apply(actor=actor, ticket=ticket, move=move, now=now)


def _comments(
    actor: User | None, ticket: Ticket, comments: Sequence[ReportedComment], now: datetime
) -> list[TicketEvent]:
    known = set(ticket.comments.exclude(external_id="").values_list("external_id", flat=True))
    told = []
    for one in comments:
        if not one.external_id or one.external_id in known or not one.body.strip("\0 "):
            continue
        known.add(one.external_id)
        said = TicketComment.objects.create(
            ticket=ticket,
            origin=TicketComment.Origin.TRACKER,
            author_name=one.author.replace("\0", "")[:255],
            body=one.body.replace("\0", ""),
            external_id=one.external_id[:255],
            at=one.at or now,
        )
        after = {"comment": str(said.uid)}
        told.append(ticket_event(ticket, Kind.COMMENTED, now, actor=actor, after=after))
    return told
