"""Incidents as people record them: what broke, where, when, and who did what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from accounts.models import Account
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.checks.base import built_in
from findings.models import Incident, IncidentEvent, IncidentRole, IncidentSequence
from findings.models.incident import TIMES
from findings.one_line import one_line
from findings.services.action_item_places import action_item_tell
from findings.services.foresight import foresight_withdraw
from findings.services.incident_access import (
    incident_event_append,
    refuse_who_does_not_see,
    require_on_accounts,
    require_on_incident,
)

FIELDS = (
    "title",
    "summary",
    "severity",
    "users_affected",
    "requests_failed",
    "downtime_minutes",
    "services",
    "checks",
    *TIMES,
    "external_reference",
    "external_url",
)
MOST_NAMES, LONGEST_NAME, SHORTEST_PART = 50, 64, 4
Roles = Iterable[tuple[str, User]]


@transaction.atomic
def incident_record(
    *,
    actor: User | None,
    incident: Incident,
    accounts: Iterable[Account],
    roles: Roles = (),
    now: datetime,
) -> Incident:
    """Save a new incident under the next number. Raises ValidationError by field."""
    named = list(accounts)
    require_on_accounts(actor, Permission.CONTRIBUTE, incident.organization, named)
    incident.recorded_by, incident.recorded_at = actor, now
    incident.number = _next_number(incident.organization_id)
    _save(incident, now)
    incident.accounts.set(named)
    _set_roles(incident, roles)
    audit_record(
        actor=actor,
        action="incident.record",
        target=incident,
        before=None,
        after=_told(incident),
        now=now,
    )
    incident_event_append(incident=incident, kind=IncidentEvent.Kind.RECORDED, actor=actor, now=now)
    return incident


@transaction.atomic
def incident_change(
    *,
    actor: User | None,
    incident: Incident,
    accounts: Iterable[Account] | None = None,
    roles: Roles | None = None,
    now: datetime,
) -> Incident:
    """Save what was changed in ``incident``; accounts and roles only where they are given."""
    stored = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    require_on_incident(actor, Permission.CONTRIBUTE, stored)
    before = _told(stored)
    if accounts is not None:
        named = list(accounts)
        require_on_accounts(actor, Permission.CONTRIBUTE, stored.organization, named)
        incident.accounts.set(named)
    _save(incident, now, stored.checks)
    foresight_withdraw(
        actor=actor, incident=incident, is_moved=incident.started_at != stored.started_at, now=now
    )
    if roles is not None:
        _set_roles(incident, roles)
    if accounts is not None:
        for item in incident.action_items.exclude(ticket=None):
            action_item_tell(item=item, now=now)
    _tell_change(actor, incident, before, now)
    return incident


def _tell_change(
    actor: User | None, incident: Incident, before: Mapping[str, object], now: datetime
) -> None:
    """Nothing where nothing has changed."""
    after = _told(incident)
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return
    audit_record(
        actor=actor,
        action="incident.change",
        target=incident,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        now=now,
    )
    incident_event_append(
        incident=incident,
        kind=IncidentEvent.Kind.CHANGED,
        actor=actor,
        now=now,
        after={"fields": sorted(changed)},
    )


def _next_number(organization_id: int) -> int:
    """The update holds the row until the commit, so no number is given twice."""
    rows = IncidentSequence.objects
    rows.bulk_create([IncidentSequence(organization_id=organization_id)], ignore_conflicts=True)
    own = rows.filter(organization_id=organization_id)
    own.update(last_incident=F("last_incident") + 1)
    return own.get().last_incident


def _save(incident: Incident, now: datetime, named_before: Collection[str] = ()) -> None:
    """A check that the catalogue has lost since it was named may stay."""
    incident.title = one_line(incident.title)
    incident.external_reference = one_line(incident.external_reference)
    incident.services = names_checked("services", incident.services)
    incident.checks = names_checked("checks", incident.checks, longest=128)
    incident.changed_at = now
    refuse_unknown_checks("checks", [c for c in incident.checks if c not in named_before])
    later = [name for name in TIMES if (at := getattr(incident, name)) and at > now]
    if later:
        raise ValidationError(dict.fromkeys(later, "This lies in the future."))
    incident.full_clean(exclude=["recorded_by"])
    incident.save()


def names_checked(field: str, names: object, *, longest: int = LONGEST_NAME) -> list[str]:
    """Names without blanks and repetitions. Raises ValidationError for what is no such list."""
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValidationError({field: "Give a list of names."})
    found = list(dict.fromkeys(line for name in names if (line := one_line(name))))
    if len(found) > MOST_NAMES or any(len(name) > longest or "\0" in name for name in found):
        told = f"Give at most {MOST_NAMES} names of at most {longest} signs."
        raise ValidationError({field: told})
    return found


def refuse_unknown_checks(field: str, checks: Iterable[str]) -> None:
    unknown = [check for check in checks if check not in built_in()]
    if unknown:
        raise ValidationError(
            {field: f"The catalogue has no check {unknown[0]}.{_meant(unknown[0])}"}
        )


def _meant(name: str) -> str:
    """The checks whose ids are nearest to what was written."""
    written = "_".join(name[:LONGEST_NAME].lower().replace("-", "_").split())
    holding = [check for check in built_in() if len(written) >= SHORTEST_PART and written in check]
    near = sorted(holding)[:3] or get_close_matches(written, built_in(), n=3)
    return f" Did you mean {' or '.join(near)}?" if near else " Look the id up there."


def _set_roles(incident: Incident, roles: Roles) -> None:
    """Those who have a role keep it, even where they see the incident no more."""
    wanted = list(dict.fromkeys(roles))
    if [role for role, _ in wanted].count(IncidentRole.Role.COMMANDER) > 1:
        raise ValidationError({"roles": "One person commands an incident."})
    held = {(row.role, row.user): row for row in incident.roles.select_related("user")}
    incident.roles.filter(pk__in=[held[one].pk for one in held if one not in wanted]).delete()
    for role, person in wanted:
        if (role, person) not in held:
            refuse_who_does_not_see("roles", person, incident)
            row = IncidentRole(incident=incident, role=role, user=person)
            row.full_clean()
            row.save(force_insert=True)


def _told(incident: Incident) -> dict[str, object]:
    """Everything that people set, as plain values."""
    accounts = incident.accounts.order_by("account_id").values_list("account_id", flat=True)
    roles = incident.roles.select_related("user")
    return {
        **fields_of(incident, FIELDS),
        "accounts": list(accounts),
        "roles": sorted(f"{row.role}: {row.user}" for row in roles),
    }
