"""Who may do something to an incident: whoever may do it on all the accounts that it names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from accounts.access import Denied, require
from accounts.models import Account, Organization
from accounts.roles import Permission
from findings.models import ActionItem, Incident, IncidentEvent, IncidentSequence
from findings.services.numbering import numbered_append


def require_on_incident(actor: User | None, permission: Permission, incident: Incident) -> None:
    """Raise Denied unless the person has the permission on all of what the incident names."""
    if actor is None:
        return
    permitted = Incident.objects.visible_to(actor, permission)
    if not permitted.filter(pk=incident.pk).exists():
        act = permission.replace("_", " ")
        raise Denied(f"You may not {act} on all the accounts of {incident.key}.")


def require_on_accounts(
    actor: User | None,
    permission: Permission,
    organization: Organization,
    accounts: Iterable[Account],
) -> None:
    """The same before there is one; without accounts it is of the whole organization.

    Raises ValidationError for an account of another organization.
    """
    named = list(accounts)
    for account in named:
        if account.organization_id != organization.pk:
            raise ValidationError({"accounts": f"{account} is not part of {organization}."})
        require(actor, permission, on=account)
    if not named:
        require(actor, permission, on=organization)


def refuse_who_does_not_see(field: str, person: User, thing: Incident | ActionItem) -> None:
    """Nobody is given something that they cannot look at."""
    if not type(thing).objects.visible_to(person).filter(pk=thing.pk).exists():
        raise ValidationError({field: f"{person} does not see all its accounts."})


def incident_event_append(
    *,
    incident: Incident,
    kind: IncidentEvent.Kind,
    actor: User | None,
    now: datetime,
    subject: object = None,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """One event, numbered; last in the transaction that it tells of."""
    event = IncidentEvent(
        incident=incident,
        kind=kind,
        actor=actor,
        at=now,
        subject=getattr(subject, "uid", None),
        before=before or {},
        after=after or {},
    )
    numbered_append(
        sequences=IncidentSequence, organization_id=incident.organization_id, events=[event]
    )
