"""Values of parameters for an organization, an OU or an account; a change is judged at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from accounts.access import Target, require
from accounts.models import Account, Organization, OrganizationalUnit
from accounts.roles import Permission
from accounts.services.audit import audit_record
from findings.checks.base import Registry, built_in
from findings.checks.parameters import SHARED, ParameterError
from findings.models import ParameterOverride
from findings.services.contexts import parameter_of
from findings.services.nudges import nudge_on_commit

REASSESS = "workers.tasks.assessments.reassess_organization"


@transaction.atomic
def override_set(
    *,
    actor: User | None,
    organization: Organization,
    check: str,
    parameter: str,
    value: Any,
    ou: OrganizationalUnit | None = None,
    account: Account | None = None,
    reason: str = "",
    now: datetime,
    registry: Registry | None = None,
) -> ParameterOverride:
    """Give a parameter another value than its default. Raises :class:`ParameterError`.

    An empty ``check`` stands for all that have the parameter, where it means the same in all.
    """
    scope: Target = account or ou or organization
    require(actor, Permission.ADMINISTER, on=scope)
    refuse_value(registry or built_in(), check, parameter, value)
    override = ParameterOverride.objects.select_for_update().filter(
        organization=organization, ou=ou, account=account, check_id=check, parameter=parameter
    ).first() or ParameterOverride(
        organization=organization, ou=ou, account=account, check_id=check, parameter=parameter
    )  # fmt: skip
    before = _told(override) if override.pk else None
    override.value, override.reason = value, reason
    override.set_by, override.set_at = actor, now
    override.full_clean(exclude=["set_by"])
    override.save()
    _record(actor, "override.set", override, before, _told(override), now)
    return override


@transaction.atomic
def override_remove(*, actor: User | None, override: ParameterOverride, now: datetime) -> None:
    """Let the parameter have the value that holds above, or its default."""
    scope: Target = override.account or override.ou or override.organization
    require(actor, Permission.ADMINISTER, on=scope)
    _record(actor, "override.remove", override, _told(override), None, now)
    override.delete()


def refuse_value(registry: Registry, check: str, name: str, value: Any) -> None:
    """Raise :class:`ParameterError` unless the check has the parameter and it takes the value."""
    if check and check not in registry:
        raise ParameterError(f"There is no check {check!r}.")
    found = parameter_of(registry, check, name)
    if found is None and not check:
        told = ", ".join(SHARED)
        raise ParameterError(f"Name a check: only {told} means the same in every one.")
    if found is None:
        names = ", ".join(p.name for p in registry[check].check.parameters) or "none"
        raise ParameterError(f"{check} has no parameter {name!r}; it has: {names}.")
    found.parse(value)


def _record(
    actor: User | None,
    action: str,
    override: ParameterOverride,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    now: datetime,
) -> None:
    audit_record(actor=actor, action=action, target=override, before=before, after=after, now=now)
    nudge_on_commit(REASSESS, override.organization_id)


def _told(override: ParameterOverride) -> dict[str, Any]:
    return {"value": override.value, "reason": override.reason}
