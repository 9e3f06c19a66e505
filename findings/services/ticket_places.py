"""Tickets about a check that has to pass in some accounts, for who has more to say of it than they.

Whose ticket it is opens it, tells what evidence says of each place, and follows its events: that
people say done makes its open places claimed, and nothing more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.models import Organization, Team
from findings.catalogue.pillar import Severity
from findings.models import Connection, Route, Ticket, TicketEvent, TicketPlace
from findings.services.ticket_access import require_on_ticket
from findings.services.ticket_events import ticket_event
from findings.services.ticket_states import ticket_lock, ticket_settle
from findings.services.tickets import LONGEST_TEXT, ticket_in

LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTold:
    """How an account stands, by its internal id; None is the organization, which is only named."""

    account: int | None
    state: TicketPlace.State
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be done, where, by whom and until when."""

    organization: Organization
    title: str
    note: str
    check: str
    severity: Severity
    due_on: date
    team: Team | None
    places: Sequence[PlaceTold]
    """At least one in which something is to be verified."""


@transaction.atomic
def ticket_open_for_places(
    *,
    actor: User | None,
    work: Work,
    now: datetime,
    connection: Connection | None = None,
    project: str = "",
    route: Route | None = None,
) -> Ticket:
    """A ticket in a project of a connection, where a route leads to, or on the board.

    Who opens it contributes to every account that it names. Raises ``tickets.TicketRefused``.
    """
    ticket = ticket_in(
        organization=work.organization,
        connection=connection,
        route=route,
        project=project,
        opened_by=actor,
        now=now,
        title=work.title,
        has_own_title=True,
        note=work.note[:LONGEST_TEXT],
        check_id=work.check,
        severity=work.severity.value,
        severity_rank=work.severity.rank,
        due_on=work.due_on,
        team=work.team,
    )
    ticket.full_clean(exclude=["opened_by"], validate_constraints=False)
    ticket.save(force_insert=True)
    TicketPlace.objects.bulk_create(_rows(ticket, work.places))
    require_on_ticket(actor, ticket)
    accounts = sum(one.state != TicketPlace.State.NAMED for one in work.places)
    opened = ticket_event(
        ticket, TicketEvent.Kind.OPENED, now, actor=actor, after={"accounts": accounts}
    )
    return ticket_settle(ticket=ticket_lock(ticket), events=[opened], now=now)


@transaction.atomic
def ticket_tell_places(*, ticket: Ticket, places: Sequence[PlaceTold], now: datetime) -> Ticket:
    """Bring a ticket to what evidence says of its places; the same again changes nothing.

    It is closed once all are verified, opened again when one no longer is, and sent back where it
    was said to be done and nothing is left that a scan could still look at.
    """
    held = ticket_lock(ticket)
    known = {place.account_id: place for place in held.places.all()}
    wanted = {one.account: one for one in places}
    held.places.exclude(account__in=[pk for pk in wanted if pk]).exclude(account=None).delete()
    if None not in wanted:
        held.places.filter(account=None).delete()
    for account, place in known.items():
        told = wanted.pop(account, None)
        if told and (place.state, place.message) != (told.state, told.message[:LONGEST_MESSAGE]):
            place.state, place.message = told.state, told.message[:LONGEST_MESSAGE]
            place.save(update_fields=["state", "message"])
    TicketPlace.objects.bulk_create(_rows(held, list(wanted.values())))
    return ticket_settle(ticket=held, events=[], now=now)


@transaction.atomic
def ticket_tell_work(
    *,
    actor: User | None,
    ticket: Ticket,
    work: Work,
    names: Collection[str],
    now: datetime,
) -> Ticket:
    """Bring what a ticket says of the work up to date: those of title, note, team, due_on named."""
    held = ticket_lock(ticket)
    told = {
        "title": work.title,
        "note": work.note[:LONGEST_TEXT],
        "team": work.team,
        "due_on": work.due_on,
    }
    changed = [name for name in names if getattr(held, name) != told[name]]
    if not changed:
        return held
    for name in changed:
        setattr(held, name, told[name])
    held.full_clean(exclude=["opened_by"], validate_constraints=False)
    event = ticket_event(held, TicketEvent.Kind.CHANGED, now, actor=actor)
    return ticket_settle(ticket=held, events=[event], now=now)


def _rows(ticket: Ticket, places: Sequence[PlaceTold]) -> list[TicketPlace]:
    return [
        TicketPlace(
            ticket=ticket,
            account_id=one.account,
            state=one.state,
            message=one.message[:LONGEST_MESSAGE],
        )
        for one in places
    ]
