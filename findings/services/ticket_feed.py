"""Tickets follow what happens to findings: they are opened by routes, refreshed, opened again.

Events of findings are read in their order from a stored cursor, which moves once all they cause is
done, each ticket in a transaction of its own. An event that is followed again, or by two workers at
once, finds that done: the state of findings decides, and the database allows a finding one ticket.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Organization
from findings.models import (
    Alert,
    FindingEvent,
    OpenCause,
    Route,
    Scan,
    Ticket,
    TicketEvent,
    TicketFeed,
    TicketFinding,
)
from findings.services.alerts import alert_raise
from findings.services.routing import BY_THEMSELVES, Placement, Routing, grouped
from findings.services.ticket_states import ticket_lock, ticket_settle
from findings.services.tickets import MANY, TicketRefused, ticket_add, ticket_open

BATCH = 500
FLAPS, FLAP_WINDOW = 2, timedelta(days=14)
"""A ticket that was opened again so often in this time is left closed; a new one names it."""


def findings_follow(*, organization: Organization, now: datetime) -> int:
    """Let tickets follow the next events of findings; how many there were, 0 at the end."""
    TicketFeed.objects.bulk_create([TicketFeed(organization=organization)], ignore_conflicts=True)
    feed = TicketFeed.objects.get(organization=organization)
    after = FindingEvent.objects.filter(organization=organization, number__gt=feed.finding_event)
    related = ("finding__account__ou", "finding__account__owner_team", "episode", "scan")
    events = list(after.select_related(*related).order_by("number")[:BATCH])
    if not events:
        return 0
    _refresh(events, now)
    opened = [e for e in events if _is_still_open(e) and e.cause in BY_THEMSELVES]
    new = [event for event in opened if not _regress(event, now)]
    _route(organization, new, now)
    held = TicketFeed.objects.filter(pk=feed.pk, finding_event=feed.finding_event)
    held.update(finding_event=events[-1].number)
    return len(events)


def _is_still_open(event: FindingEvent) -> bool:
    is_open = event.episode is not None and event.episode.closed_at is None
    return event.kind == FindingEvent.Kind.OPENED and is_open


def _refresh(events: Sequence[FindingEvent], now: datetime) -> None:
    """Bring the tickets up to date that are about these episodes."""
    touched = Ticket.objects.filter(
        ticket_findings__episode__in={event.episode_id for event in events if event.episode_id}
    )
    for ticket in touched.distinct().order_by("id"):
        ticket_refresh(ticket=ticket, now=now)


@transaction.atomic
def ticket_refresh(*, ticket: Ticket, now: datetime) -> Ticket:
    """Bring a ticket to what its findings say; nothing is written where nothing changed."""
    return ticket_settle(ticket=ticket_lock(ticket), events=[], now=now)


@transaction.atomic
def _regress(event: FindingEvent, now: datetime) -> bool:
    """Take a finding that fails again back to its last ticket, or to one that follows it."""
    episode = event.episode
    if event.cause != OpenCause.REGRESSED or episode is None:
        return False
    rows = TicketFinding.objects.filter(finding=event.finding).select_related("ticket")
    last = rows.order_by("-id").first()
    if last is None or last.ticket.detached_at or not last.ticket.connection.is_active:
        return False
    if last.episode_id == episode.pk:
        return True
    ticket = ticket_lock(last.ticket)
    if not ticket.is_live and _wants_a_new_one(ticket, now):
        return _succeed(ticket, event, now)
    rows.filter(is_live=True).update(is_live=False)
    TicketFinding.objects.create(
        ticket=ticket,
        finding=event.finding,
        episode=episode,
        added_at=now,
        is_live=ticket.is_live,
    )
    ticket_settle(ticket=ticket, events=[], now=now)
    return True


def _wants_a_new_one(ticket: Ticket, now: datetime) -> bool:
    if ticket.route and ticket.route.reopen_policy == Route.ReopenPolicy.NEW:
        return True
    again = ticket.events.filter(kind=TicketEvent.Kind.REOPENED, at__gt=now - FLAP_WINDOW)
    return again.count() >= FLAPS


def _succeed(ticket: Ticket, event: FindingEvent, now: datetime) -> bool:
    """A new ticket that names the old one, or the one that did so for another of its findings."""
    successor = Ticket.objects.live().filter(predecessor=ticket).first()
    try:
        if successor:
            ticket_add(actor=None, ticket=successor, findings=[event.finding], now=now)
        else:
            ticket_open(
                actor=None,
                findings=[event.finding],
                connection=ticket.connection,
                project=ticket.project,
                route=ticket.route,
                group_key=ticket.group_key,
                team=ticket.team,
                predecessor=ticket,
                opened_in=event.scan,
                now=now,
            )
    except TicketRefused:
        return False
    return True


def _route(organization: Organization, events: Sequence[FindingEvent], now: datetime) -> None:
    routing = Routing(organization=organization)
    by_scan: dict[tuple[int, int | None], list[Placement]] = {}
    scans = {event.scan_id: event.scan for event in events}
    for event in events:
        placed = routing.place(event.finding)
        if placed and _opens_by_itself(placed.route, event):
            by_scan.setdefault((placed.route.pk, event.scan_id), []).append(placed)
    for (_, scan_id), placements in by_scan.items():
        placements_open(
            placements=placements, scan=scans[scan_id], limit=placements[0].route.max_new, now=now
        )


def _opens_by_itself(route: Route, event: FindingEvent) -> bool:
    return (
        route.mode == Route.Mode.AUTO
        and route.held_at is None
        and route.auto_since is not None
        and event.at >= route.auto_since
        and route.connection.is_active
    )


def placements_open(
    *, placements: Sequence[Placement], scan: Scan | None, limit: int | None, now: datetime
) -> int:
    """Tickets for findings of one route, new or added to; how many were new.

    Where more than the limit would be new, counted with those of the same scan, none is opened: the
    route is held until a person decides.
    """
    groups = _untaken(placements)
    live = Ticket.objects.live().filter(route=placements[0].route, group_key__in=[*groups])
    known = {ticket.group_key: ticket for ticket in live}
    new = [key for key in groups if key not in known]
    if limit is not None and _opened_in(placements[0].route, scan) + len(new) > limit:
        _hold(placements[0].route, len(new), scan, now)
        return 0
    for key, found in groups.items():
        for start in range(0, len(found), MANY):
            _open_or_add(known.get(key), found[start : start + MANY], scan, now)
    return len(new)


def _untaken(placements: Sequence[Placement]) -> dict[str, list[Placement]]:
    findings = [placement.finding.pk for placement in placements]
    live = TicketFinding.objects.filter(finding__in=findings, is_live=True)
    taken = set(live.values_list("finding", flat=True))
    free = [placement for placement in placements if placement.finding.pk not in taken]
    return {key: found for (_, key), found in grouped(free).items()}


def _open_or_add(
    ticket: Ticket | None, found: Sequence[Placement], scan: Scan | None, now: datetime
) -> None:
    """What another took at the same moment, or does not fit in, stays a suggestion."""
    first, findings = found[0], [placement.finding for placement in found]
    try:
        if ticket:
            ticket_add(actor=None, ticket=ticket, findings=findings, now=now)
        else:
            ticket_open(
                actor=None,
                findings=findings,
                route=first.route,
                group_key=first.key,
                team=first.team,
                opened_in=scan,
                now=now,
            )
    except TicketRefused:
        return


def _opened_in(route: Route, scan: Scan | None) -> int:
    return Ticket.objects.filter(route=route, opened_in=scan).count() if scan else 0


def _hold(route: Route, new: int, scan: Scan | None, now: datetime) -> None:
    reason = f"A scan would have opened {new} tickets at once; at most {route.max_new} may be."
    Route.objects.filter(pk=route.pk, held_at=None).update(held_at=now, held_reason=reason)
    route.held_at, route.held_reason = now, reason
    alert_raise(
        organization=route.organization,
        kind=Alert.Kind.ROUTE_HELD,
        subject=str(route.uid),
        message=f"The route {route} waits: {reason} Look at them and let it go on.",
        now=now,
    )
