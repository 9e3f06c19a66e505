"""What an exchange with a tracker leaves behind: the base, what they said, and the log.

Each step is kept in one transaction, under the lease of who does it; so a step that was kept is
never taken twice, and one that was not is found done by the next comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from findings.models import SyncEvent, Ticket, TicketComment, TicketEvent, TicketStatus
from findings.services.outbox import lease_keep
from findings.services.ticket_events import sync_event, ticket_event, ticket_events_append
from findings.services.ticket_moves import SaidMove, move_apply
from findings.services.ticket_states import comments_said, ticket_lock, ticket_settle
from findings.ticketing.base import Base
from findings.ticketing.codec import base_to_json, desired_of_json
from findings.ticketing.content import shortened
from findings.ticketing.merge import AssigneeChanged, Change, CommentAdded, News, Plan, StatusMoved
from findings.ticketing.state import (
    DesiredTicket,
    OurComment,
    RemoteIssue,
    Resolution,
    StatusCategory,
)

Kind = TicketEvent.Kind
US = "Cairn"
IN, OUT = SyncEvent.Direction.IN, SyncEvent.Direction.OUT
LONGEST_COMMENT = 100_000
SIGNS = 2000
"""Characters that a comment leaves for its mark and for what a tracker's own format needs."""


def desired_of(ticket: Ticket, *, title_limit: int, description_limit: int) -> DesiredTicket:
    """What is wanted of its issue, with every comment of ours; limits are in characters.

    Half a description is left to others, and to the signs that a tracker's own format needs.
    """
    half = description_limit // 2
    said = tuple(
        OurComment(id=c.uid.hex, body=shortened(c.body, description_limit - SIGNS))
        for c in comments_said(ticket)
    )
    desired = desired_of_json(ticket.desired, said)
    return replace(
        desired,
        title=desired.title[:title_limit].rstrip(),
        block=shortened(desired.block, half),
    )


@transaction.atomic
def exchange_adopt(
    *, ticket: Ticket, external_id: str, key: str, url: str, how: str, now: datetime
) -> None:
    """The issue of a ticket is known: made just now, or found again by its marker."""
    lease_keep(
        ticket=ticket,
        now=now,
        external_id=external_id,
        key=key[:255],
        url=url[:2000],
        create_sent_at=None,
        lookups=0,
    )
    sync_event(ticket, OUT, "create", now, who=US, new=key, why=how).save()
    linked = ticket_event(ticket, Kind.LINKED, now, after={"key": key})
    ticket_events_append(organization_id=ticket.organization_id, events=[linked])


@transaction.atomic
def exchange_take(*, ticket: Ticket, remote: RemoteIssue, plan: Plan, now: datetime) -> int:
    """Keep what a comparison told, and take over what they did; the version of what is wanted then,
    which may be another thing afterwards.
    """
    columns = _columns(plan.base)
    is_moved = any(isinstance(news, StatusMoved) for news in plan.news)
    lease_keep(
        ticket=ticket,
        now=now,
        key=remote.key[:255],
        url=remote.url[:2000],
        project=remote.project[:255] or ticket.project,
        checked_at=now,
        times_gone=0,
        drift={name.value: _plain(value) for name, value in plan.drift.items()},
        **{n: value for n, value in columns.items() if not (is_moved and n in STATUS)},
    )
    if not plan.news:
        return Ticket.objects.values_list("desired_version", flat=True).get(pk=ticket.pk)
    locked = ticket_lock(ticket)
    told = [event for news in plan.news for event in _take(locked, news, now)]
    if told:
        ticket_settle(ticket=locked, events=told, now=now)
    return locked.desired_version


@transaction.atomic
def exchange_keep(
    *,
    ticket: Ticket,
    base: Base,
    operation: str,
    changes: Sequence[Change],
    why: str,
    now: datetime,
) -> None:
    """A step was carried out there: the base after it, and a line in the log for each change."""
    lease_keep(ticket=ticket, now=now, **_columns(base))
    SyncEvent.objects.bulk_create(
        sync_event(
            ticket,
            OUT,
            operation,
            now,
            who=US,
            field=change.field,
            old=change.old,
            new=change.new,
            why=why,
        )
        for change in changes
    )


def exchange_end(*, ticket: Ticket, version: int, now: datetime) -> None:
    """Both sides are level at this version of what is wanted."""
    lease_keep(ticket=ticket, now=now, pushed_version=version, blocked_reason="")


@transaction.atomic
def exchange_failed(
    *,
    ticket: Ticket,
    operation: str,
    error: str,
    now: datetime,
    stuck: str = "",
    **columns: object,
) -> None:
    """``stuck`` says in a word why nothing more happens by itself; the log alone has the error."""
    lease_keep(ticket=ticket, now=now, **columns)
    sync_event(ticket, OUT, operation, now, who=US, error=error).save()
    if stuck:
        told = ticket_event(ticket, Kind.SYNC_FAILED, now, after={"reason": stuck})
        ticket_events_append(organization_id=ticket.organization_id, events=[told])


@transaction.atomic
def exchange_detach(*, ticket: Ticket, error: str, now: datetime) -> None:
    """Its issue is gone. It is not made again by itself: that somebody deleted it was meant."""
    exchange_failed(ticket=ticket, operation="detach", error=error, now=now, detached_at=now)
    gone = ticket_event(ticket, Kind.DETACHED, now, before={"key": ticket.key})
    ticket_events_append(organization_id=ticket.organization_id, events=[gone])


STATUS = ("status", "status_name", "wont_do")


def _columns(base: Base) -> dict[str, object]:
    """The columns of a ticket that mirror its base."""
    is_refused = base.resolution is Resolution.WONT_DO
    return {
        "base": base_to_json(base),
        "remote_version": base.version[:255],
        "remote_status_at": base.status_at,
        "status": base.status_category.value,
        "status_name": base.status_name[:255],
        "wont_do": is_refused and base.status_category is StatusCategory.DONE,
    }


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value or "")


def _take(ticket: Ticket, news: News, now: datetime) -> Sequence[TicketEvent]:
    match news:
        case StatusMoved():
            return _take_move(ticket, news, now)
        case AssigneeChanged():
            return _take_assignee(ticket, news, now)
        case CommentAdded():
            return _take_comment(ticket, news, now)


def _take_move(ticket: Ticket, news: StatusMoved, now: datetime) -> Sequence[TicketEvent]:
    why = "a claim, for a scan to verify" if news.is_claim else ""
    why = "asks for a suppression" if news.is_refusal else why
    old = ticket.status_name or ticket.status
    new = news.name or news.category.value
    sync_event(ticket, IN, "moved", now, field="status", old=old, new=new, why=why).save()
    said = SaidMove(
        status=TicketStatus(news.category.value), wont_do=news.is_refusal, name=news.name
    )
    return move_apply(actor=None, ticket=ticket, move=said, now=now)


def _take_assignee(ticket: Ticket, news: AssigneeChanged, now: datetime) -> Sequence[TicketEvent]:
    before, ticket.assignee = ticket.assignee, (news.name or news.assignee)[:255]
    sync_event(
        ticket, IN, "assigned", now, field="assignee", old=before, new=ticket.assignee
    ).save()
    names = {"assignee": before}, {"assignee": ticket.assignee}
    return [ticket_event(ticket, Kind.ASSIGNED, now, before=names[0], after=names[1])]


def _take_comment(ticket: Ticket, news: CommentAdded, now: datetime) -> Sequence[TicketEvent]:
    theirs = news.comment
    said = TicketComment(
        ticket=ticket,
        origin=TicketComment.Origin.TRACKER,
        author_name=theirs.author.replace("\0", "")[:255],
        body=theirs.body.replace("\0", "")[:LONGEST_COMMENT] or "(empty)",
        external_id=theirs.id[:255],
        at=theirs.created_at or now,
    )
    TicketComment.objects.bulk_create([said], ignore_conflicts=True)
    sync_event(ticket, IN, "commented", now, who=said.author_name, new=theirs.body).save()
    after = {"comment": str(said.uid)}
    return [ticket_event(ticket, Kind.COMMENTED, now, who=said.author_name, after=after)]
