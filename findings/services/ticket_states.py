"""How a ticket stands by its findings or places, and so what is wanted of its issue.

Everything that changes a ticket ends here, in the same transaction: the row is brought to what its
episodes and places say, what is wanted is written anew, and where that is news a message goes to
the outbox. Doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from findings.models import (
    Episode,
    OutboxMessage,
    Ticket,
    TicketComment,
    TicketEvent,
    TicketFinding,
    TicketPlace,
    TicketStatus,
)
from findings.selectors.ticket_stories import Standing, standing_of, story_of
from findings.services.due_dates import episode_due, rules_of
from findings.services.outbox import outbox_ask
from findings.services.ticket_events import ticket_event, ticket_events_append
from findings.ticketing.block import marker_of, normal
from findings.ticketing.codec import base_of_json, desired_of_json, desired_to_json
from findings.ticketing.content import block_of, rejection_of, title_of
from findings.ticketing.state import DesiredTicket, StatusCategory, StatusDemand

LABEL = "cairn"
Kind = TicketEvent.Kind
BACK = (Kind.REOPENED, Kind.RETURNED)


def ticket_lock(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends."""
    locked = Ticket.objects.select_for_update(of=("self",)).select_related(
        "connection", "organization", "route", "team", "predecessor"
    )
    return locked.get(pk=ticket.pk)


def ticket_settle(
    *, ticket: Ticket, events: Sequence[TicketEvent], now: datetime, says: bool = False
) -> Ticket:
    """Bring a locked ticket up to date and append its events. ``says``: a comment was added.

    Call it last in the transaction.
    """
    told = list(events)
    standing = standing_of(ticket)
    before = (ticket.severity, ticket.due_on, ticket.findings_verified)
    demand = _demand_of(ticket)
    _close_or_reopen(ticket, standing, told, now)
    rejected = _reject_claim(ticket, standing, demand, told, now)
    _describe(ticket, standing)
    told += _changes(ticket, before, now)
    is_wanted_anew = _want(ticket, standing, _next_demand(ticket, demand, told))
    if told or is_wanted_anew:
        ticket.changed_at = now
    is_news = is_wanted_anew or rejected or says
    ticket.desired_version += is_news
    ticket.save(update_fields=WRITTEN)
    if is_news:
        why = ", ".join(dict.fromkeys(event.get_kind_display() for event in told))
        outbox_ask(ticket=ticket, kind=OutboxMessage.Kind.PUSH, why=why, now=now)
    ticket_events_append(organization_id=ticket.organization_id, events=told)
    return ticket


WRITTEN = [
    "title",
    "has_own_title",
    "note",
    "team",
    "severity",
    "severity_rank",
    "due_on",
    "findings_total",
    "findings_open",
    "findings_verified",
    "changed_at",
    "closed_at",
    "status",
    "status_name",
    "wont_do",
    "assignee",
    "external_id",
    "key",
    "url",
    "desired",
    "desired_version",
    "demands",
    "detached_at",
]


def comments_said(ticket: Ticket) -> list[TicketComment]:
    """Ours, the oldest first."""
    return list(ticket.comments.exclude(origin=TicketComment.Origin.TRACKER).order_by("id"))


def _close_or_reopen(
    ticket: Ticket, standing: Standing, told: list[TicketEvent], now: datetime
) -> None:
    counts, is_over = _counts(standing), standing.is_over
    if ticket.is_live and is_over:
        ticket.closed_at = now
        ticket.ticket_findings.update(is_live=False)
        told.append(ticket_event(ticket, Kind.CLOSED, now, after=counts))
        if not ticket.connection.has_adapter:
            ticket.status, ticket.status_name, ticket.wont_do = TicketStatus.DONE, "", False
    elif not ticket.is_live and not is_over and _revive(ticket, standing):
        ticket.closed_at = None
        told.append(ticket_event(ticket, Kind.REOPENED, now, after=counts))
        if not ticket.connection.has_adapter:
            ticket.status, ticket.wont_do = TicketStatus.TODO, False


def _counts(standing: Standing) -> dict[str, int]:
    return {"verified": standing.verified, "of": standing.total}


def _revive(ticket: Ticket, standing: Standing) -> bool:
    """Take its open findings up again; False where another live ticket has them or its group."""
    if standing.places:
        return True
    rivals = Ticket.objects.live().exclude(pk=ticket.pk)
    is_replaced = (
        ticket.group_key and rivals.filter(route=ticket.route, group_key=ticket.group_key).exists()
    )
    elsewhere = TicketFinding.objects.filter(is_live=True).exclude(ticket=ticket)
    mine = ticket.ticket_findings.filter(episode__in=[e.pk for e in standing.open]).exclude(
        finding__in=elsewhere.values("finding")
    )
    return not is_replaced and mine.update(is_live=True) > 0


def _reject_claim(
    ticket: Ticket,
    standing: Standing,
    demand: StatusDemand | None,
    told: list[TicketEvent],
    now: datetime,
) -> bool:
    """Where they say done, and evidence says it is not: back it goes, with what still fails."""
    is_over = not ticket.is_live or ticket.status != TicketStatus.DONE or ticket.wont_do
    if is_over or standing.is_claimed or any(event.kind in BACK for event in told):
        return False
    if _is_outstanding(ticket, demand):
        return False
    told.append(ticket_event(ticket, Kind.CLAIM_REJECTED, now, after=_counts(standing)))
    TicketComment.objects.create(
        ticket=ticket,
        origin=TicketComment.Origin.EVIDENCE,
        body=rejection_of(standing.lines),
        at=now,
    )
    if not ticket.connection.has_adapter:
        ticket.status, ticket.status_name = TicketStatus.IN_PROGRESS, ""
    return True


def _describe(ticket: Ticket, standing: Standing) -> None:
    if worst := standing.worst:
        found = worst.finding
        ticket.severity, ticket.severity_rank = found.severity, found.severity_rank
    if standing.open:
        rules = rules_of(ticket.organization)
        due = [episode_due(e, ticket.organization, rules) for e in standing.open]
        ticket.due_on = min((day for day in due if day), default=None)
    waiting = [place for place in standing.places if place.state != TicketPlace.State.VERIFIED]
    ticket.findings_total = standing.total
    ticket.findings_open = len(standing.open) + len(waiting)
    ticket.findings_verified = standing.verified
    if not ticket.has_own_title:
        ticket.title = title_of(story_of(ticket, standing))


def _changes(
    ticket: Ticket, before: tuple[str, date | None, int], now: datetime
) -> list[TicketEvent]:
    severity, due_on, verified = before
    told = []
    if ticket.desired and (severity, due_on) != (ticket.severity, ticket.due_on):
        old, new = (severity, due_on), (ticket.severity, ticket.due_on)
        names = ("severity", "due_on")
        told.append(
            ticket_event(
                ticket,
                Kind.CHANGED,
                now,
                before=dict(zip(names, map(_plain, old), strict=True)),
                after=dict(zip(names, map(_plain, new), strict=True)),
            )
        )
    if ticket.findings_verified > verified and ticket.is_live:
        told.append(
            ticket_event(
                ticket,
                Kind.VERIFIED,
                now,
                before={"verified": verified},
                after={"verified": ticket.findings_verified, "of": ticket.findings_total},
            )
        )
    return told


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _demand_of(ticket: Ticket) -> StatusDemand | None:
    return desired_of_json(ticket.desired).status if ticket.desired else None


def _is_carried_out(ticket: Ticket, demand: StatusDemand) -> bool:
    return ticket.base is not None and base_of_json(ticket.base).demand == demand.id


def _is_outstanding(ticket: Ticket, demand: StatusDemand | None) -> bool:
    """Whether it still is to be opened again, and they did nothing since that was asked."""
    if demand is None or demand.category is StatusCategory.DONE:
        return False
    is_answered = (
        demand.basis is not None
        and ticket.remote_status_at is not None
        and ticket.remote_status_at > demand.basis
    )
    return not is_answered and not _is_carried_out(ticket, demand)


def _next_demand(
    ticket: Ticket, held: StatusDemand | None, told: Sequence[TicketEvent]
) -> StatusDemand | None:
    """What evidence asks of the status. What was carried out stays: it is not asked for again."""
    if not ticket.is_live:
        if held and held.category is StatusCategory.DONE:
            return held
        return _new_demand(ticket, StatusCategory.DONE)
    if any(event.kind in BACK for event in told):
        return _new_demand(ticket, StatusCategory.TODO)
    if any(event.kind == Kind.CLAIM_REJECTED for event in told):
        return _new_demand(ticket, StatusCategory.IN_PROGRESS)
    is_kept = held and (_is_carried_out(ticket, held) or _is_outstanding(ticket, held))
    return held if is_kept else None


def _new_demand(ticket: Ticket, category: StatusCategory) -> StatusDemand:
    ticket.demands += 1
    return StatusDemand(id=str(ticket.demands), category=category, basis=ticket.remote_status_at)


def _want(ticket: Ticket, standing: Standing, demand: StatusDemand | None) -> bool:
    """Write what is wanted; whether that is news."""
    before = ticket.desired
    ticket.desired = desired_to_json(_wanted(ticket, standing, demand))
    return bool(before != ticket.desired)


def _wanted(ticket: Ticket, standing: Standing, demand: StatusDemand | None) -> DesiredTicket:
    route = ticket.route
    return DesiredTicket(
        marker=marker_of(ticket.uid),
        title=" ".join(ticket.title.split()),  # in one line: Jira takes no other
        severity=ticket.severity,
        priority=str(route.severity_map.get(ticket.severity, "")) if route else "",
        due_date=ticket.due_on,
        block=normal(block_of(story_of(ticket, standing))),
        labels=frozenset({LABEL, *(route.labels if route else ())}),
        status=demand,
    )


def ticket_rehearse(*, ticket: Ticket, episodes: Sequence[Episode]) -> DesiredTicket:
    """What would be wanted of the issue of a ticket that is not saved, about these episodes."""
    standing = Standing(episodes=episodes)
    _describe(ticket, standing)
    return _wanted(ticket, standing, None)
