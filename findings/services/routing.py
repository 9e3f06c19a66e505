"""Which route a finding takes, whose it is, and which findings share a ticket."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from accounts.models import Organization, OwnershipRule, Team
from accounts.ownership import Subject, owning_rule
from findings.models import Finding, OpenCause, Route
from findings.ticketing.selector import Candidate, RouteSelector, RouteSelectorError

logger = logging.getLogger(__name__)

BY_THEMSELVES = (OpenCause.NEW_RESOURCE, OpenCause.NEWLY_FAILING, OpenCause.REGRESSED)
"""What the world caused. Opens caused by ourselves (another check, parameter or scope, or a first
look) never open tickets by themselves."""


@dataclass(frozen=True, kw_only=True)
class Placement:
    """A finding on its route: its owner and the key of the ticket that it shares."""

    finding: Finding
    route: Route
    team: Team | None
    key: str


@dataclass(kw_only=True)
class Routing:
    """The routes and the owners of an organization at one moment.

    ``routes`` replaces the stored ones, for a simulation.
    """

    organization: Organization
    routes: Iterable[Route] | None = None
    _owners: dict[tuple[int, str, str], Team | None] = field(default_factory=dict)

    @cached_property
    def _selectors(self) -> list[tuple[Route, RouteSelector]]:
        stored = Route.objects.filter(organization=self.organization).select_related("connection")
        routes = stored.order_by("position", "id") if self.routes is None else self.routes
        on = [route for route in routes if route.mode != Route.Mode.OFF]
        parsed = ((route, _selector_of(route)) for route in on)
        return [(route, selector) for route, selector in parsed if selector is not None]

    @cached_property
    def _rules(self) -> list[OwnershipRule]:
        rules = OwnershipRule.objects.filter(organization=self.organization)
        return list(rules.select_related("team", "ou").order_by("position", "id"))

    def place(self, finding: Finding) -> Placement | None:
        """On the first route that takes it, whatever its mode but off; None where none does."""
        team = self.owner(finding)
        candidate = Candidate(
            row=finding.row,
            check=finding.check_id,
            severity=finding.severity,
            ou=finding.account.ou_path,
            team=team.name if team else "",
            environment=finding.account.environment,
        )
        for route, selector in self._selectors:
            if selector.takes(candidate):
                key = group_key(route, finding, team)
                return Placement(finding=finding, route=route, team=team, key=key)
        return None

    def owner(self, finding: Finding) -> Team | None:
        """By the last rule that fits findings like this one, else the owner of its account."""
        asked = (finding.account_id, finding.check_id, finding.region)
        if asked not in self._owners:
            subject = Subject(
                account=finding.account, check_id=finding.check_id, region=finding.region
            )
            rule = owning_rule(self._rules, subject)
            self._owners[asked] = rule.team if rule else finding.account.owner_team
        return self._owners[asked]


def _selector_of(route: Route) -> RouteSelector | None:
    """None where the catalogue knows no more what it names: such a route takes nothing."""
    try:
        return RouteSelector.parse(route.selector)
    except RouteSelectorError as error:
        logger.error("route %s takes nothing: %s", route.uid, error)
        return None


def group_key(route: Route, finding: Finding, team: Team | None) -> str:
    match route.grouping:
        case Route.Grouping.FINDING:
            return f"finding:{finding.uid}"
        case Route.Grouping.ACCOUNT_CHECK:
            return f"account:{finding.account.account_id}:check:{finding.check_id}"
    return f"check:{finding.check_id}:team:{team.uid if team else '-'}"


def grouped(placements: Iterable[Placement]) -> Mapping[tuple[int, str], list[Placement]]:
    """By (route, key), in the order in which they come."""
    groups: dict[tuple[int, str], list[Placement]] = {}
    for placement in placements:
        groups.setdefault((placement.route.pk, placement.key), []).append(placement)
    return groups
