"""What a route would have done, before it is switched on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from accounts.access import require
from accounts.roles import Permission
from findings.models import Episode, Route
from findings.services.routing import BY_THEMSELVES, Routing

SIMULATED = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """What a route would have done by itself in the time before."""

    since: datetime
    findings: int
    tickets: int
    most_in_a_day: int
    """The most new tickets on one day: compare it with ``max_new``."""
    by_key: Mapping[str, int]
    """Findings of each ticket's key, the largest first."""


def route_simulate(*, actor: User | None, route: Route, now: datetime) -> Simulation:
    """What a route, saved or not, would have opened by itself in the last 30 days.

    Routes before it take what is theirs. A finding that opened while a ticket of its group was live
    joins it. Nothing is written.
    """
    require(actor, Permission.ADMINISTER, on=route.organization)
    since = now - SIMULATED
    opened = Episode.objects.filter(
        finding__organization=route.organization,
        opened_at__gte=since,
        open_cause__in=[cause.value for cause in BY_THEMSELVES],
    ).select_related("finding__account__ou", "finding__account__owner_team")
    tried = copy(route)
    tried.mode = Route.Mode.AUTO
    routing = Routing(organization=route.organization, routes=[*_before(route), tried])
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for episode in opened.order_by("opened_at", "id"):
        placed = routing.place(episode.finding)
        if placed and placed.route is tried:
            spans.setdefault(placed.key, []).append((episode.opened_at, episode.closed_at or now))
    begins = [begin for found in spans.values() for begin in _begins(route, found)]
    days = [begin.date() for begin in begins]
    sizes = {key: len(found) for key, found in spans.items()}
    return Simulation(
        since=since,
        findings=sum(sizes.values()),
        tickets=len(begins),
        most_in_a_day=max((days.count(day) for day in set(days)), default=0),
        by_key=dict(sorted(sizes.items(), key=lambda item: -item[1])),
    )


def _before(route: Route) -> list[Route]:
    """The stored routes that come before it; a new one comes last."""
    others = Route.objects.filter(organization=route.organization).exclude(pk=route.pk)
    if route.position:
        others = others.filter(position__lt=route.position)
    return list(others.order_by("position", "id"))


def _begins(route: Route, spans: Sequence[tuple[datetime, datetime]]) -> list[datetime]:
    """When new tickets of one group would have been opened."""
    begins: list[datetime] = []
    until: datetime | None = None
    for begin, end in spans:
        is_new = until is None or (begin > until and route.reopen_policy == Route.ReopenPolicy.NEW)
        if is_new:
            begins.append(begin)
        until = end if until is None else max(until, end)
    return begins
