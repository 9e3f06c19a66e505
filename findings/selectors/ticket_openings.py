"""What there is to choose from when a person opens a ticket about findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Account, Organization
from accounts.roles import Permission
from findings.models import (
    Connection,
    ConnectionKind,
    ConnectionProject,
    Finding,
    Route,
    Ticket,
    TicketFinding,
)

ALIKE = 5
BOARD = "board"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Which of the findings that a person selected a new ticket can be about."""

    findings: Sequence[Finding]
    """Open, of one organization, without a live ticket, and the person contributes to them."""
    taken: list[Ticket]
    """Live tickets that are about some of the others."""
    number_taken: int
    closed: int
    not_permitted: int
    elsewhere: int
    """Of other organizations."""
    beyond: int
    """More than a ticket takes."""

    @property
    def left_out(self) -> int:
        told = (self.number_taken, self.closed, self.not_permitted, self.elsewhere, self.beyond)
        return sum(told)

    @property
    def organization(self) -> Organization:
        return self.findings[0].organization


def opening_of(user: User, selected: QuerySet[Finding], *, most: int) -> Opening:
    """Look at selected findings, which the person sees."""
    live = TicketFinding.objects.filter(is_live=True)
    mine = Account.objects.visible_to(user, Permission.CONTRIBUTE)
    marked = selected.order_by().annotate(
        is_taken=Exists(live.filter(finding=OuterRef("pk"))),
        is_mine=Exists(mine.filter(pk=OuterRef("account_id"))),
    )
    free = Q(is_open=True, is_taken=False)
    related = ("organization", "account__ou", "account__owner_team")
    permitted = marked.filter(free, is_mine=True).select_related(*related)
    ordered = permitted.order_by("severity_rank", "-opened_at", "-id")
    first = ordered.first()
    here = Q(organization=first.organization if first else None)
    numbers = marked.aggregate(
        taken=Count("pk", filter=Q(is_open=True, is_taken=True)),
        closed=Count("pk", filter=Q(is_open=False)),
        not_permitted=Count("pk", filter=free & Q(is_mine=False)),
        elsewhere=Count("pk", filter=free & Q(is_mine=True) & ~here),
        here=Count("pk", filter=free & Q(is_mine=True) & here),
    )
    found = list(ordered.filter(here)[:most])
    about = live.filter(finding__in=selected.order_by().values("pk"))
    taken = Ticket.objects.visible_to(user).filter(pk__in=about.values("ticket"))
    return Opening(
        findings=found,
        taken=list(taken.order_by("-id")[:ALIKE]) if numbers["taken"] else [],
        number_taken=numbers["taken"],
        closed=numbers["closed"],
        not_permitted=numbers["not_permitted"],
        elsewhere=numbers["elsewhere"],
        beyond=numbers["here"] - len(found),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a ticket may go: along a route, straight to a connection, or on the board."""

    key: str
    name: str
    told: str
    connection: Connection | None = None
    route: Route | None = None
    projects: Sequence[str] = ()
    """Those known of the connection."""

    @property
    def asks_project(self) -> bool:
        return self.route is None and self.connection is not None and self.connection.has_adapter


def destinations(user: User, organization: Organization) -> list[Destination]:
    """Routes as far as the person sees them, connections, and at the end the board."""
    routes = Route.objects.visible_to(user).filter(
        organization=organization, connection__is_active=True
    )
    on = routes.exclude(mode=Route.Mode.OFF).select_related("connection")
    connections = Connection.objects.active().filter(organization=organization)
    known = ConnectionProject.objects.filter(connection__in=connections)
    projects: dict[int, list[str]] = {}
    for row in known.order_by("project"):
        projects.setdefault(row.connection_id, []).append(row.project)
    found = [_along(route) for route in on.order_by("position", "id")]
    others = connections.exclude(kind=ConnectionKind.BUILTIN).order_by("name")
    found += [_straight(one, projects.get(one.pk, [])) for one in others]
    return [*found, Destination(key=BOARD, name="Board", told="built in, without a tracker")]


def _along(route: Route) -> Destination:
    where = f"{route.connection}, {route.project}" if route.project else str(route.connection)
    return Destination(
        key=f"route:{route.uid}",
        name=route.name,
        told=f"by route, to {where}",
        connection=route.connection,
        route=route,
    )


def _straight(connection: Connection, projects: Sequence[str]) -> Destination:
    return Destination(
        key=f"connection:{connection.uid}",
        name=connection.name,
        told=connection.get_kind_display(),
        connection=connection,
        projects=projects,
    )


def live_alike(user: User, findings: Sequence[Finding]) -> list[Ticket]:
    """Live tickets about the same checks that these findings could be added to, newest first."""
    if not findings:
        return []
    about = TicketFinding.objects.filter(
        is_live=True,
        finding__organization=findings[0].organization,
        finding__check_id__in={finding.check_id for finding in findings},
    )
    mine = Ticket.objects.whole_to(user, Permission.CONTRIBUTE).live()
    return list(mine.filter(pk__in=about.values("ticket")).order_by("-id")[:ALIKE])
