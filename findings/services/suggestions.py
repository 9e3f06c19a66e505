"""Tickets that a route would open: people accept them, or have them suggested no more.

A dismissal is of the findings as they are open now. One that opens again, or another that would
share the ticket, is suggested anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from accounts.access import require_on_accounts
from accounts.models import Team
from accounts.roles import Permission
from accounts.services.audit import audit_record
from findings.models import Episode, Finding, Route, SuggestionDismissal, TicketFinding
from findings.services.routing import Placement, Routing, grouped
from findings.services.ticket_feed import placements_open

MOST = 2000
"""Open findings that are looked through at most, the worst first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A ticket that a route would open. Its key is what its findings share."""

    key: str
    placements: Sequence[Placement]
    """Those of the most severe findings first."""

    @property
    def team(self) -> Team | None:
        return self.placements[0].team

    @property
    def findings(self) -> list[Finding]:
        return [placed.finding for placed in self.placements]

    @property
    def worst(self) -> Finding:
        return self.placements[0].finding

    @property
    def accounts(self) -> frozenset[int]:
        """Their internal ids."""
        return frozenset(placed.finding.account_id for placed in self.placements)


def suggestions_of(route: Route, *, dismissed: bool = False) -> list[Suggestion]:
    """Those of a route, or those that it would make but for dismissals; the worst first."""
    placed = grouped(placements_suggested(route, dismissed=dismissed))
    return [Suggestion(key=key, placements=found) for (_, key), found in placed.items()]


def placements_suggested(route: Route, *, dismissed: bool = False) -> list[Placement]:
    """Open findings without a ticket that a route takes, the worst first."""
    taken = TicketFinding.objects.filter(is_live=True).values("finding")
    free = Finding.objects.open().filter(organization=route.organization).exclude(pk__in=taken)
    refused = _dismissed(route).values("episode__finding")
    free = free.filter(pk__in=refused) if dismissed else free.exclude(pk__in=refused)
    related = ("account__ou", "account__owner_team")
    routing = Routing(organization=route.organization)
    found = free.select_related(*related).order_by("severity_rank", "-opened_at", "id")[:MOST]
    placed = (routing.place(finding) for finding in found)
    return [one for one in placed if one and one.route.pk == route.pk]


@transaction.atomic
def suggestions_accept(
    *, actor: User | None, route: Route, suggestions: Sequence[Suggestion], now: datetime
) -> int:
    """Open the tickets that a person chose; how many were new. Raises Denied."""
    placements = _permitted(actor, suggestions)
    if not placements:
        return 0
    number = placements_open(placements=placements, scan=None, limit=None, now=now)
    _audit(actor, "route.open_suggestions", route, {"opened": number}, now)
    return number


@transaction.atomic
def suggestions_dismiss(
    *, actor: User | None, route: Route, suggestions: Sequence[Suggestion], now: datetime
) -> int:
    """Suggest these no more, as their findings are open now; how many findings. Raises Denied."""
    placements = _permitted(actor, suggestions)
    findings = [placed.finding.pk for placed in placements]
    episodes = Episode.objects.open().filter(finding__in=findings).order_by("id")
    rows = [SuggestionDismissal(route=route, episode=e, by=actor, at=now) for e in episodes]
    SuggestionDismissal.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if rows:
        _audit(actor, "route.dismiss_suggestions", route, {"findings": len(rows)}, now)
    return len(rows)


@transaction.atomic
def suggestions_restore(
    *, actor: User | None, route: Route, suggestions: Sequence[Suggestion], now: datetime
) -> int:
    """Suggest dismissed ones again; how many findings. Raises Denied."""
    placements = _permitted(actor, suggestions)
    findings = [placed.finding.pk for placed in placements]
    number, _ = SuggestionDismissal.objects.filter(
        route=route, episode__finding__in=findings
    ).delete()
    if number:
        _audit(actor, "route.restore_suggestions", route, {"findings": number}, now)
    return number


def _dismissed(route: Route) -> QuerySet[SuggestionDismissal]:
    return SuggestionDismissal.objects.filter(route=route, episode__closed_at=None).order_by()


def _permitted(actor: User | None, suggestions: Iterable[Suggestion]) -> list[Placement]:
    """What they are about, for who contributes to every account of it."""
    placements = [placed for one in suggestions for placed in one.placements]
    accounts = (placed.finding.account_id for placed in placements)
    require_on_accounts(actor, Permission.CONTRIBUTE, accounts)
    return placements


def _audit(
    actor: User | None, action: str, route: Route, after: dict[str, object], now: datetime
) -> None:
    audit_record(actor=actor, action=action, target=route, before=None, after=after, now=now)
