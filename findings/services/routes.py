"""Routes: where tickets about findings go; saved, ordered, simulated, and let go on when held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import require
from accounts.models import Organization
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.catalogue.pillar import Severity
from findings.models import Alert, Episode, OutboxMessage, Route
from findings.services.alerts import alert_resolve
from findings.services.outbox import outbox_ask
from findings.services.routing import BY_THEMSELVES, Placement
from findings.services.suggestions import placements_suggested
from findings.services.ticket_feed import placements_open
from findings.ticketing.selector import RouteSelector, RouteSelectorError
from findings.ticketing.state import StatusCategory

FIELDS = (
    "name",
    "selector",
    "connection",
    "project",
    "issue_type",
    "grouping",
    "labels",
    "severity_map",
    "status_map",
    "field_map",
    "reopen_policy",
    "mode",
    "max_new",
)
STATE = (*FIELDS, "position")


@transaction.atomic
def route_save(*, actor: User | None, route: Route, now: datetime) -> Route:
    """Save a new or changed route. Raises ValidationError by field.

    Switched to automatic, it opens tickets for what opens from now on. A new one comes last.
    """
    require(actor, Permission.ADMINISTER, on=route.organization)
    stored = Route.objects.select_for_update().filter(pk=route.pk).first()
    if stored and stored.organization_id != route.organization_id:
        raise ValidationError({"organization": "A route stays in its organization."})
    before = fields_of(stored, STATE) if stored else None
    if not route.position:
        last = Route.objects.filter(organization=route.organization).order_by("-position").first()
        route.position = last.position + 1 if last else 1
    _normalize(route)
    is_auto = route.mode == Route.Mode.AUTO
    was_auto = stored is not None and stored.mode == Route.Mode.AUTO
    route.auto_since = (stored.auto_since if stored and was_auto else now) if is_auto else None
    route.full_clean()
    route.save()
    after = fields_of(route, STATE)
    if after != before:
        _audit(actor, "route.change" if stored else "route.add", route, before, after, now)
        for ticket in route.tickets.exclude(blocked_reason="").select_related("connection"):
            why = "its route was changed"
            outbox_ask(ticket=ticket, kind=OutboxMessage.Kind.PUSH, why=why, now=now)
    return route


@transaction.atomic
def route_delete(*, actor: User | None, route: Route, now: datetime) -> None:
    """Its tickets stay as they are, without a route."""
    require(actor, Permission.ADMINISTER, on=route.organization)
    _audit(actor, "route.delete", route, fields_of(route, STATE), None, now)
    _resolve_alert(route, now)
    route.delete()


@transaction.atomic
def routes_order(
    *, actor: User | None, organization: Organization, routes: Sequence[Route], now: datetime
) -> None:
    """Put all routes of an organization into this order; the first that takes a finding has it."""
    require(actor, Permission.ADMINISTER, on=organization)
    stored = {route.pk: route for route in organization.routes.select_for_update()}
    if sorted(stored) != sorted(route.pk for route in routes):
        raise ValidationError("Name every route of the organization exactly once.")
    ordered = [stored[route.pk] for route in routes]
    before = [route.name for route in stored.values()]
    for position, route in enumerate(ordered, start=1):
        route.position = position
    Route.objects.bulk_update(ordered, ["position"])
    audit_record(
        actor=actor,
        action="routes.order",
        target=organization,
        before={"routes": before},
        after={"routes": [route.name for route in ordered]},
        now=now,
    )


@transaction.atomic
def route_release(*, actor: User | None, route: Route, opens: bool, now: datetime) -> int:
    """Let a held route go on; how many tickets were opened.

    With ``opens`` all that wait get tickets now. Without, they stay suggestions, and only what
    opens from now on gets tickets by itself.
    """
    require(actor, Permission.ADMINISTER, on=route.organization)
    held = Route.objects.select_for_update().get(pk=route.pk)
    before = fields_of(held, ("held_at", "held_reason"))
    waiting = placements_waiting(held) if opens else []
    held.held_at, held.held_reason = None, ""
    held.auto_since = now if held.mode == Route.Mode.AUTO else held.auto_since
    held.save(update_fields=["held_at", "held_reason", "auto_since"])
    _resolve_alert(held, now)
    number = placements_open(placements=waiting, scan=None, limit=None, now=now) if waiting else 0
    _audit(actor, "route.release", held, before, {"opened": number}, now)
    return number


def placements_waiting(route: Route) -> list[Placement]:
    """What a held route would open: suggestions that opened by themselves since it is automatic."""
    if route.auto_since is None:
        return []
    causes = [cause.value for cause in BY_THEMSELVES]
    opened = Episode.objects.open().filter(opened_at__gte=route.auto_since, open_cause__in=causes)
    findings = set(
        opened.filter(finding__organization=route.organization).values_list("finding", flat=True)
    )
    return [one for one in placements_suggested(route) if one.finding.pk in findings]


def _normalize(route: Route) -> None:
    """Raises ValidationError by field: what is JSON has a form."""
    try:
        route.selector = RouteSelector.parse(route.selector or {}).to_json()
    except RouteSelectorError as error:
        raise ValidationError({"selector": str(error)}) from None
    _refuse_map(route, "severity_map", [severity.value for severity in Severity])
    _refuse_map(route, "status_map", [category.value for category in StatusCategory])
    if not isinstance(route.field_map, dict):
        raise ValidationError({"field_map": "An object of the tracker's fields and their values."})
    labels = route.labels
    if not isinstance(labels, list) or not all(_is_label(label) for label in labels):
        raise ValidationError({"labels": "A list of words without blanks."})


def _refuse_map(route: Route, name: str, keys: Sequence[str]) -> None:
    value = getattr(route, name)
    is_right = isinstance(value, dict) and all(
        key in keys and isinstance(text, str) and text for key, text in value.items()
    )
    if not is_right:
        raise ValidationError({name: f"An object from {', '.join(keys)} to the tracker's ids."})


def _is_label(label: object) -> bool:
    return isinstance(label, str) and 0 < len(label) <= 50 and not any(map(str.isspace, label))


def _resolve_alert(route: Route, now: datetime) -> None:
    alert_resolve(
        organization=route.organization,
        kind=Alert.Kind.ROUTE_HELD,
        subject=str(route.uid),
        now=now,
    )


def _audit(
    actor: User | None,
    action: str,
    route: Route,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
    now: datetime,
) -> None:
    audit_record(actor=actor, action=action, target=route, before=before, after=after, now=now)
