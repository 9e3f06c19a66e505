"""Opening a ticket by hand where a route would have opened it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from findings.models import Finding, Route, Ticket
from findings.services.routing import Placement, Routing
from findings.services.tickets import ticket_open


def route_of(findings: Sequence[Finding]) -> Route | None:
    """The one route that takes all of these findings of one organization."""
    placed = _placed(findings)
    routes = {one.route.pk if one else None for one in placed}
    return placed[0].route if placed and placed[0] and len(routes) == 1 else None


@transaction.atomic
def ticket_open_along(
    *,
    actor: User | None,
    route: Route,
    findings: Sequence[Finding],
    title: str = "",
    note: str = "",
    now: datetime,
) -> Ticket:
    """A ticket on a route. Where its findings share a key that is free, later ones join it.

    Raises what ``ticket_open`` raises.
    """
    keys = {one.key if one and one.route.pk == route.pk else "" for one in _placed(findings)}
    key = keys.pop() if len(keys) == 1 else ""
    is_taken = Ticket.objects.live().filter(route=route, group_key=key).exists()
    return ticket_open(
        actor=actor,
        findings=findings,
        route=route,
        group_key="" if is_taken else key,
        title=title,
        note=note,
        now=now,
    )


def _placed(findings: Sequence[Finding]) -> list[Placement | None]:
    if not findings:
        return []
    routing = Routing(organization=findings[0].organization)
    return [routing.place(finding) for finding in findings]
