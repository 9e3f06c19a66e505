from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Permission, Target, require
from accounts.models import Grant, Organization, OrganizationalUnit, Team
from accounts.roles import Role
from accounts.services.audit import audit_record, fields_of

STATE = ("role", "user", "team", "organization", "ou", "accounts_of", "expires_at")


@transaction.atomic
def grant_give(
    *,
    actor: User | None,
    role: Role,
    organization: Organization,
    user: User | None = None,
    team: Team | None = None,
    ou: OrganizationalUnit | None = None,
    accounts_of: Team | None = None,
    expires_at: datetime | None = None,
    now: datetime,
) -> Grant:
    """Give a person or a team a role on an organization, an OU of it, or a team's accounts.

    A grant that the same grantee has on the same scope is replaced.
    """
    grantee = {"user": user, "team": team}
    scope = {"organization": organization, "ou": ou, "accounts_of": accounts_of}
    stored = Grant.objects.select_for_update().filter(**grantee, **scope).first()
    grant = stored or Grant(**grantee, **scope)
    grant.role, grant.expires_at = role, expires_at
    return grant_save(actor=actor, grant=grant, now=now)


@transaction.atomic
def grant_save(*, actor: User | None, grant: Grant, now: datetime) -> Grant:
    """Save a grant that carries new values, as a form or :func:`grant_give` made it."""
    stored = Grant.objects.select_for_update().filter(pk=grant.pk).first()
    before = fields_of(stored, STATE) if stored else None
    after = fields_of(grant, STATE)
    if stored:
        require(actor, Permission.ADMINISTER, _scope(stored))
    require(actor, Permission.ADMINISTER, _scope(grant))
    if grant.expires_at and grant.expires_at <= now:
        raise ValidationError({"expires_at": "Choose an end that lies ahead."})
    grant.full_clean()
    if before == after:
        return grant
    grant.save()
    action = "grant.change" if stored else "grant.give"
    audit_record(actor=actor, action=action, target=grant, before=before, after=after, now=now)
    return grant


@transaction.atomic
def grant_withdraw(*, actor: User | None, grant: Grant, now: datetime) -> None:
    require(actor, Permission.ADMINISTER, _scope(grant))
    before = fields_of(grant, STATE)
    audit_record(
        actor=actor, action="grant.withdraw", target=grant, before=before, after=None, now=now
    )
    grant.delete()


def _scope(grant: Grant) -> Target:
    """Where the actor has to be an administrator: what a team owns is for the whole to decide."""
    return grant.ou or grant.organization
