from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Model

from accounts.models import AuditEntry, Organization
from accounts.requests import request_id


def audit_record(
    *,
    actor: User | None,
    action: str,
    target: Model,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    now: datetime,
) -> AuditEntry:
    """Write one entry; call it in the transaction of the change it tells of."""
    return AuditEntry.objects.create(
        at=now,
        actor=actor,
        actor_name=actor.get_username() if actor else "",
        action=action,
        organization=_organization_of(target),
        target_type=target._meta.label_lower,
        target_uid=str(getattr(target, "uid", target.pk)),
        target_name=str(target)[:256],
        before=before,
        after=after,
        request_id=request_id.get(),
    )


def fields_of(target: Model, names: Iterable[str]) -> dict[str, object]:
    """The fields as plain values for the log; a related object by its name."""
    values = {name: getattr(target, name) for name in names}
    return {
        name: str(value) if isinstance(value, Model) else value for name, value in values.items()
    }


def _organization_of(target: Model) -> Organization | None:
    if isinstance(target, Organization):
        return target
    organization = getattr(target, "organization", None)
    if organization is None and hasattr(target, "account"):
        organization = target.account.organization
    return organization
