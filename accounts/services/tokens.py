"""Tokens for programs: issued once in clear, kept as a digest, revoked at any time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Permission, require
from accounts.models import ApiToken
from accounts.models.token import digest_of
from accounts.services.audit import audit_record, fields_of

MARK = "cairn_"
"""How every token begins, so that scanners for leaked secrets know one."""
MAX_DAYS = 365
USE_IS_NOTED_EVERY = timedelta(minutes=1)
STATE = ("user", "name", "prefix", "expires_at", "revoked_at")


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token and, this one time, its text."""

    token: ApiToken
    plaintext: str


@transaction.atomic
def token_issue(
    *, actor: User | None, user: User, name: str, days: int, now: datetime
) -> IssuedToken:
    """Give a person a token for a number of days. Raises ValidationError by field."""
    _require(actor, user)
    if not 1 <= days <= MAX_DAYS:
        raise ValidationError({"days": f"Give a number of days from 1 to {MAX_DAYS}."})
    if not user.is_active:
        raise ValidationError({"user": f"{user} is not active: a token of theirs opens nothing."})
    plaintext = MARK + secrets.token_urlsafe(32)
    token = ApiToken(
        user=user,
        name=name.strip(),
        prefix=plaintext[: len(MARK) + 6],
        digest=digest_of(plaintext),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    token.full_clean()
    token.save()
    _audit(actor, "token.issue", token, before=None, now=now)
    return IssuedToken(token, plaintext)


@transaction.atomic
def token_revoke(*, actor: User | None, token: ApiToken, now: datetime) -> ApiToken:
    """End a token now and for ever; one that was revoked stays as it is."""
    _require(actor, token.user)
    locked = ApiToken.objects.select_for_update().select_related("user").get(pk=token.pk)
    if locked.revoked_at is None:
        before = fields_of(locked, STATE)
        locked.revoked_at = now
        locked.save(update_fields=["revoked_at"])
        _audit(actor, "token.revoke", locked, before=before, now=now)
    return locked


def token_use(*, plaintext: str, now: datetime) -> ApiToken | None:
    """The valid token of this text, noted as used; None for any other text."""
    valid = ApiToken.objects.valid(now).select_related("user")
    token = valid.filter(digest=digest_of(plaintext)).first()
    if token and (token.last_used_at is None or now - token.last_used_at >= USE_IS_NOTED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def _require(actor: User | None, user: User) -> None:
    """Everybody for themselves; for others only who administers the installation."""
    if actor != user:
        require(actor, Permission.ADMINISTER)


def _audit(
    actor: User | None,
    action: str,
    token: ApiToken,
    *,
    before: dict[str, object] | None,
    now: datetime,
) -> None:
    audit_record(
        actor=actor,
        action=action,
        target=token,
        before=before,
        after=fields_of(token, STATE),
        now=now,
    )
