from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Permission, require
from accounts.models import Account, AccountEvent, AccountEventKind, RoleHealth
from accounts.services.audit import audit_record, fields_of
from accounts.services.organizations import organization_lock

EXCLUSION = ("excluded", "excluded_reason")


@transaction.atomic
def account_exclude(*, actor: User | None, account: Account, reason: str, now: datetime) -> Account:
    """Take an account out of every scan from now on; the reason is kept and shown."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "Say why the account is excluded from scans."})
    return _set_exclusion(actor, account, reason, now)


@transaction.atomic
def account_include(*, actor: User | None, account: Account, now: datetime) -> Account:
    """Scan an excluded account again."""
    return _set_exclusion(actor, account, "", now)


def _set_exclusion(actor: User | None, account: Account, reason: str, now: datetime) -> Account:
    organization_lock(account.organization)
    account.refresh_from_db()
    require(actor, Permission.ADMINISTER, account)
    before = fields_of(account, EXCLUSION)
    after = {"excluded": bool(reason), "excluded_reason": reason}
    if before == after:
        return account
    account.excluded, account.excluded_reason = bool(reason), reason
    account.save(update_fields=EXCLUSION)
    kind = AccountEventKind.EXCLUDED if reason else AccountEventKind.INCLUDED
    AccountEvent.objects.create(
        account=account, kind=kind, at=now, actor=actor, before=before, after=after
    )
    action = "account.exclude" if reason else "account.include"
    audit_record(actor=actor, action=action, target=account, before=before, after=after, now=now)
    return account


@transaction.atomic
def account_role_tested(
    *, account: Account, health: RoleHealth, message: str = "", now: datetime
) -> Account:
    """Note how assuming the scanner's role went; only a change of the health is an event."""
    before = account.role_health
    account.role_health, account.role_health_message = health.value, message
    account.role_tested_at = now
    if before != health:
        organization_lock(account.organization)
        AccountEvent.objects.create(
            account=account,
            kind=AccountEventKind.ROLE_HEALTH_CHANGED,
            at=now,
            before=before,
            after=health.value,
        )
    account.save(update_fields=["role_health", "role_health_message", "role_tested_at"])
    return account
