"""Who does what in an incident, changed one by one while it goes on."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from findings.models import Incident, IncidentRole
from findings.services.incidents import incident_change

COMMANDER = IncidentRole.Role.COMMANDER


@transaction.atomic
def incident_role_give(*, actor: User | None, row: IncidentRole, now: datetime) -> None:
    """Give a person a role; who commands takes over from who did. Raises ValidationError."""
    incident, held = _held(row.incident_id)
    kept = [one for one in held if row.role != COMMANDER or one[0] != COMMANDER]
    roles = [*kept, (row.role, row.user)]
    incident_change(actor=actor, incident=incident, roles=roles, now=now)


@transaction.atomic
def incident_role_end(*, actor: User | None, row: IncidentRole, now: datetime) -> None:
    incident, held = _held(row.incident_id)
    kept = [one for one in held if one != (row.role, row.user)]
    incident_change(actor=actor, incident=incident, roles=kept, now=now)


def _held(incident_id: int) -> tuple[Incident, list[tuple[str, User]]]:
    """The incident, locked, and who has which role in it."""
    incident = Incident.objects.select_for_update(of=("self",)).get(pk=incident_id)
    rows = incident.roles.select_related("user")
    return incident, [(row.role, row.user) for row in rows]
