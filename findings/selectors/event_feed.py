"""What happened to findings, accounts, tickets and incidents: one feed followed by a cursor.

Each organization has four streams. The numbers of the events of findings, tickets and incidents
and, under the organization's lock, the ids of account events grow in the order of the commits; so
the numbers that a cursor holds have nothing before them that could still appear.
"""

from __future__ import annotations

import heapq
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Max

from accounts.models import Account, AccountEvent, AccountEventKind, Organization
from accounts.models.reach import reach_of
from accounts.roles import Permission
from findings.models import FindingEvent, IncidentEvent, TicketEvent
from findings.selectors.incident_events import TYPES as INCIDENT_TYPES
from findings.selectors.incident_events import incident_events_seen
from findings.selectors.ticket_events import TYPES as TICKET_TYPES
from findings.selectors.ticket_events import ticket_events_told

FINDING, ACCOUNT, TICKET, INCIDENT = "finding", "account", "ticket", "incident"
TYPES = (
    *(f"{FINDING}.{kind.value}" for kind in FindingEvent.Kind),
    *(f"{ACCOUNT}.{kind.value}" for kind in AccountEventKind),
    *TICKET_TYPES.values(),
    *INCIDENT_TYPES.values(),
)
NAMES_OTHER_PLACES = (AccountEventKind.MOVED, AccountEventKind.OWNER_CHANGED)

Positions = Mapping[tuple[int, str], int]
"""(internal id of an organization, name of the stream) -> the last number read of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a finding, an account, a ticket or an incident; others are None.

    An event of a finding names its account, too.
    """

    organization: Organization
    stream: str
    number: int
    type: str
    at: datetime
    account: Account | None
    finding: FindingEvent | None
    ticket: TicketEvent | None = None
    incident: IncidentEvent | None = None
    actor: User | None
    before: Any
    after: Any

    @property
    def id(self) -> str:
        """The same for ever, and different from every other."""
        return str(uuid.uuid5(self.organization.uid, f"{self.stream} {self.number}"))


@dataclass(frozen=True, slots=True)
class FeedPage:
    events: list[Event]
    positions: Positions
    """Where to go on."""
    has_more: bool


def feed_page(
    user: User | AnonymousUser, *, after: Positions, types: Collection[str], size: int
) -> FeedPage:
    """The next events that a person may see, oldest first; ``types`` empty means all."""
    streams = [
        _named(stream(user, organization, after, types, size), organization)
        for organization in Organization.objects.visible_to(user)
        for stream in (_finding_events, _account_events, _ticket_events, _incident_events)
    ]
    merged = heapq.merge(*streams, key=lambda event: event.at)
    found = list(islice(merged, size + 1))
    page = found[:size]
    positions = dict(after)
    for event in page:
        positions[event.organization.pk, event.stream] = event.number
    return FeedPage(page, positions, has_more=len(found) > size)


def feed_end(user: User | AnonymousUser) -> Positions:
    """The positions from which on only what has not happened yet is told."""
    organizations = Organization.objects.visible_to(user)
    numbered = ((FINDING, FindingEvent), (TICKET, TicketEvent), (INCIDENT, IncidentEvent))
    ends = {
        (pk, stream): last
        for stream, events in numbered
        for pk, last in events._default_manager.filter(organization__in=organizations)
        .order_by()
        .values_list("organization")
        .annotate(Max("number"))
    }
    accounts = AccountEvent.objects.filter(account__organization__in=organizations).order_by()
    last_ids = accounts.values_list("account__organization").annotate(Max("id"))
    return ends | {(pk, ACCOUNT): last for pk, last in last_ids}


def _named(events: Iterator[Event], organization: Organization) -> Iterator[Event]:
    for event in events:
        yield replace(event, organization=organization)


def _kinds(stream: str, types: Collection[str]) -> dict[str, list[str]]:
    prefix = f"{stream}."
    chosen = [name.removeprefix(prefix) for name in types if name.startswith(prefix)]
    return {"kind__in": chosen} if types else {}


def _finding_events(
    user: User | AnonymousUser,
    organization: Organization,
    after: Positions,
    types: Collection[str],
    size: int,
) -> Iterator[Event]:
    start = after.get((organization.pk, FINDING), 0)
    seen = FindingEvent.objects.visible_to(user).filter(
        organization=organization, number__gt=start, **_kinds(FINDING, types)
    )
    related = ("finding__account", "actor", "scan")
    for event in seen.select_related(*related).order_by("number")[: size + 1]:
        yield Event(
            organization=organization,
            stream=FINDING,
            number=event.number,
            type=f"{FINDING}.{event.kind}",
            at=event.at,
            account=event.finding.account,
            finding=event,
            actor=event.actor,
            before=event.before,
            after=event.after,
        )


def _ticket_events(
    user: User | AnonymousUser,
    organization: Organization,
    after: Positions,
    types: Collection[str],
    size: int,
) -> Iterator[Event]:
    start = after.get((organization.pk, TICKET), 0)
    seen = TicketEvent.objects.visible_to(user).filter(
        organization=organization, number__gt=start, **_kinds(TICKET, types)
    )
    found = seen.select_related("ticket", "actor").order_by("number")[: size + 1]
    for told in ticket_events_told(user, list(found)):
        yield Event(
            organization=organization,
            stream=TICKET,
            number=told.event.number,
            type=TICKET_TYPES[TicketEvent.Kind(told.event.kind)],
            at=told.event.at,
            account=None,
            finding=None,
            ticket=told.event,
            actor=told.event.actor,
            before=told.before,
            after=told.after,
        )


def _incident_events(
    user: User | AnonymousUser,
    organization: Organization,
    after: Positions,
    types: Collection[str],
    size: int,
) -> Iterator[Event]:
    start = after.get((organization.pk, INCIDENT), 0)
    kinds = [kind for kind, name in INCIDENT_TYPES.items() if not types or name in types]
    seen = incident_events_seen(user).filter(
        organization=organization, number__gt=start, kind__in=kinds
    )
    for event in seen.select_related("incident", "actor").order_by("number")[: size + 1]:
        yield Event(
            organization=organization,
            stream=INCIDENT,
            number=event.number,
            type=INCIDENT_TYPES[IncidentEvent.Kind(event.kind)],
            at=event.at,
            account=None,
            finding=None,
            incident=event,
            actor=event.actor,
            before=event.before,
            after=event.after,
        )


def _account_events(
    user: User | AnonymousUser,
    organization: Organization,
    after: Positions,
    types: Collection[str],
    size: int,
) -> Iterator[Event]:
    start = after.get((organization.pk, ACCOUNT), 0)
    seen = AccountEvent.objects.visible_to(user).filter(
        account__organization=organization, id__gt=start, **_kinds(ACCOUNT, types)
    )
    personal = reach_of(user, Permission.VIEW_PERSONAL)
    sees_all = reach_of(user).covers_organization(organization)
    for event in seen.select_related("account__ou", "actor").order_by("id")[: size + 1]:
        hides_mail = event.kind == AccountEventKind.EMAIL_CHANGED
        hides_mail = hides_mail and not personal.covers_account(event.account)
        is_told = sees_all or event.kind not in NAMES_OTHER_PLACES
        yield Event(
            organization=organization,
            stream=ACCOUNT,
            number=event.pk,
            type=f"{ACCOUNT}.{event.kind}",
            at=event.at,
            account=event.account,
            finding=None,
            actor=event.actor,
            before=event.before if is_told and not hides_mail else None,
            after=event.after if is_told and not hides_mail else None,
        )
