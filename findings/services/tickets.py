"""Tickets: opened from findings, by hand or by a route, and changed by people here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import require_on_accounts
from accounts.models import Organization, Team
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.models import (
    Connection,
    Episode,
    Finding,
    Route,
    Scan,
    Ticket,
    TicketComment,
    TicketEvent,
    TicketFinding,
)
from findings.services.connections import board_of
from findings.services.routing import Routing
from findings.services.ticket_access import require_on_ticket
from findings.services.ticket_events import ticket_event
from findings.services.ticket_states import ticket_lock, ticket_rehearse, ticket_settle
from findings.ticketing.state import DesiredTicket

MANY = 500
"""Findings that a ticket takes at most."""
LONGEST_TEXT = 20_000
Kind = TicketEvent.Kind


class TicketRefused(ValueError):
    """Something that cannot be done with a ticket; the message says why, and what can."""


@transaction.atomic
def ticket_open(
    *,
    actor: User | None,
    findings: Sequence[Finding],
    now: datetime,
    connection: Connection | None = None,
    project: str = "",
    title: str = "",
    note: str = "",
    team: Team | None = None,
    route: Route | None = None,
    group_key: str = "",
    predecessor: Ticket | None = None,
    opened_in: Scan | None = None,
) -> Ticket:
    """A ticket for open findings of one organization; without a connection, on its own board.

    Raises :class:`TicketRefused` and ValidationError. The row is there, and its message in the
    outbox, before a tracker hears of it.
    """
    episodes = _open_episodes(actor, findings)
    ticket = ticket_in(
        organization=findings[0].organization,
        connection=connection,
        route=route,
        project=project,
        opened_by=actor,
        now=now,
        group_key=group_key,
        predecessor=predecessor,
        title=_text(title, 255) or "-",
        has_own_title=bool(title.strip()),
        note=_text(note, LONGEST_TEXT),
        team=team or _owner(findings),
        severity=findings[0].severity,
        opened_in=opened_in,
    )
    return _opened(ticket, episodes, actor, now)


def _opened(
    ticket: Ticket, episodes: Sequence[Episode], actor: User | None, now: datetime
) -> Ticket:
    """The ticket as it is once it is there, with all that is told of it."""
    ticket.full_clean(exclude=["opened_by"], validate_constraints=False)
    _save_with(ticket, episodes, now)
    _audit(actor, "ticket.open", ticket, None, {"findings": len(episodes)}, now)
    opened = ticket_event(ticket, Kind.OPENED, now, actor=actor, after={"findings": len(episodes)})
    return ticket_settle(ticket=ticket_lock(ticket), events=[opened], now=now)


def ticket_in(
    *,
    organization: Organization,
    connection: Connection | None,
    route: Route | None,
    project: str,
    opened_by: User | None,
    now: datetime,
    **fields: Any,
) -> Ticket:
    """One not saved yet: in a project of a connection, where a route leads to, or on the board.

    Raises :class:`TicketRefused`.
    """
    connection = connection or (route.connection if route else board_of(organization))
    if connection.organization_id != organization.pk or not connection.is_active:
        raise TicketRefused("Choose an active connection of the organization.")
    return Ticket(
        organization=organization,
        connection=connection,
        route=route,
        project=project or (route.project if route else ""),
        opened_at=now,
        opened_by=opened_by,
        changed_at=now,
        **fields,
    )


def ticket_drafted(
    *, findings: Sequence[Finding], connection: Connection, route: Route | None, project: str
) -> DesiredTicket:
    """What would be wanted of the issue of a new ticket about open findings; nothing is saved.

    The caller says who may see it. Raises :class:`TicketRefused`.
    """
    episodes = list(Episode.objects.open().filter(finding__in=findings).order_by("id"))
    if len(episodes) < len(findings):
        raise TicketRefused("Some of these findings are closed; a ticket is about open ones.")
    draft = Ticket(
        organization=findings[0].organization,
        connection=connection,
        route=route,
        project=project,
        team=_owner(findings),
    )
    return ticket_rehearse(ticket=draft, episodes=episodes)


@transaction.atomic
def ticket_add(
    *, actor: User | None, ticket: Ticket, findings: Sequence[Finding], now: datetime
) -> Ticket:
    """Have a live ticket be about more open findings. Raises :class:`TicketRefused`."""
    held = ticket_lock(ticket)
    require_on_ticket(actor, held)
    episodes = _open_episodes(actor, findings)
    if held.check_id:
        raise TicketRefused(f"{held} is about an action item. Open a new ticket.")
    if not held.is_live:
        raise TicketRefused(f"{held} is closed. Open a new ticket.")
    if findings[0].organization_id != held.organization_id:
        raise TicketRefused("A ticket is about findings of one organization.")
    if held.ticket_findings.filter(is_live=True).count() + len(episodes) > MANY:
        raise TicketRefused(f"A ticket takes at most {MANY} findings. Open another one.")
    _attach(held, episodes, now)
    counts = {"findings": len(episodes)}
    _audit(actor, "ticket.add_findings", held, None, counts, now)
    added = ticket_event(held, Kind.FINDINGS_ADDED, now, actor=actor, after=counts)
    return ticket_settle(ticket=held, events=[added], now=now)


@transaction.atomic
def ticket_edit(
    *,
    actor: User | None,
    ticket: Ticket,
    now: datetime,
    title: str | None = None,
    note: str | None = None,
    team: Team | bool | None = False,
    assignee: str | None = None,
) -> Ticket:
    """Change what people say of a ticket; what is not given stays. An empty title follows again.

    ``team`` False leaves it, None takes it away. The assignee is set here on our board alone: a
    tracker's is theirs. Raises :class:`TicketRefused` and ValidationError.
    """
    held = ticket_lock(ticket)
    require_on_ticket(actor, held)
    names = ("title", "note", "team", "assignee")
    before = fields_of(held, names)
    if title is not None:
        held.title, held.has_own_title = _text(title, 255) or "-", bool(title.strip())
    if note is not None:
        held.note = _text(note, LONGEST_TEXT)
    if not isinstance(team, bool):
        held.team = team
    if assignee is not None:
        if held.connection.has_adapter:
            raise TicketRefused("Who does it is said in the tracker.")
        held.assignee = _text(assignee, 255)
    held.full_clean(exclude=["opened_by"], validate_constraints=False)
    after = fields_of(held, names)
    if after == before:
        return held
    _audit(actor, "ticket.edit", held, before, after, now)
    is_assigned = before["assignee"] != after["assignee"]
    kind = Kind.ASSIGNED if is_assigned else Kind.CHANGED
    return ticket_settle(ticket=held, events=[ticket_event(held, kind, now, actor=actor)], now=now)


@transaction.atomic
def ticket_comment(
    *, actor: User | None, ticket: Ticket, body: str, now: datetime
) -> TicketComment:
    """Say something, here and in the tracker. Raises ValidationError."""
    held = ticket_lock(ticket)
    require_on_ticket(actor, held)
    text = _text(body, LONGEST_TEXT)
    if not text:
        raise ValidationError({"body": "Say something."})
    said = TicketComment.objects.create(
        ticket=held,
        origin=TicketComment.Origin.PERSON,
        author=actor,
        author_name=actor.get_username() if actor else "",
        body=text,
        at=now,
    )
    commented = ticket_event(
        held, Kind.COMMENTED, now, actor=actor, after={"comment": str(said.uid)}
    )
    ticket_settle(ticket=held, events=[commented], now=now, says=True)
    return said


def _open_episodes(actor: User | None, findings: Sequence[Finding]) -> list[Episode]:
    if not findings:
        raise TicketRefused("Select at least one finding.")
    if len(findings) > MANY:
        raise TicketRefused(f"A ticket takes at most {MANY} findings. Select fewer.")
    if len({finding.organization_id for finding in findings}) > 1:
        raise TicketRefused("A ticket is about findings of one organization.")
    accounts = (finding.account_id for finding in findings)
    require_on_accounts(actor, Permission.CONTRIBUTE, accounts)
    wanted = {finding.pk for finding in findings}
    episodes = list(Episode.objects.open().filter(finding__in=wanted).order_by("id"))
    if len(episodes) < len(wanted):
        raise TicketRefused("Some of these findings are closed; a ticket is about open ones.")
    taken = TicketFinding.objects.filter(finding__in=wanted, is_live=True).select_related("ticket")
    if found := taken.first():
        raise TicketRefused(f"{found.ticket} is about one of these findings already.")
    return episodes


def _owner(findings: Sequence[Finding]) -> Team | None:
    """The team that owns all of them; None where there is no such one."""
    routing = Routing(organization=findings[0].organization)
    owners = {routing.owner(finding) for finding in findings}
    return owners.pop() if len(owners) == 1 else None


def _save_with(ticket: Ticket, episodes: Sequence[Episode], now: datetime) -> None:
    """The database has the last word on two that open at the same moment."""
    try:
        with transaction.atomic():
            ticket.save(force_insert=True)
            _insert(ticket, episodes, now)
    except IntegrityError:
        raise TicketRefused("Another ticket was opened for this at the same moment.") from None


def _attach(ticket: Ticket, episodes: Sequence[Episode], now: datetime) -> None:
    try:
        with transaction.atomic():
            _insert(ticket, episodes, now)
    except IntegrityError:
        raise TicketRefused("Another ticket took one of these findings just now.") from None


def _insert(ticket: Ticket, episodes: Sequence[Episode], now: datetime) -> None:
    TicketFinding.objects.bulk_create(
        TicketFinding(ticket=ticket, finding_id=e.finding_id, episode=e, added_at=now)
        for e in episodes
    )


def _text(text: str, longest: int) -> str:
    """As a person typed it, without blanks around. Raises ValidationError: it is too long."""
    found = text.replace("\0", "").strip()
    if len(found) > longest:
        raise ValidationError(f"At most {longest} characters.")
    return found


def _audit(
    actor: User | None,
    action: str,
    ticket: Ticket,
    before: Mapping[str, object] | None,
    after: Mapping[str, object],
    now: datetime,
) -> None:
    if actor:
        audit_record(actor=actor, action=action, target=ticket, before=before, after=after, now=now)
