"""Tokens for programs: issued once in clear, kept as a digest, revoked at any time."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Denied, Permission, can, reach_of, require
from accounts.models import Account, ApiToken, OrganizationalUnit, TokenScope
from accounts.models.reach import limit_reach
from accounts.models.token import digest_of
from accounts.services.audit import audit_record, fields_of

MARK = "cairn_"
"""How every token begins, so that scanners for leaked secrets know one."""
MAX_DAYS = 365
USE_IS_NOTED_EVERY = timedelta(minutes=1)
STATE = ("user", "name", "prefix", "scopes", "is_limited", "expires_at", "revoked_at")


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token and, this one time, its text."""

    token: ApiToken
    plaintext: str


@transaction.atomic
def token_issue(
    *,
    actor: User | None,
    user: User,
    name: str,
    days: int,
    scopes: Collection[str] = (TokenScope.ADMIN,),
    ous: Collection[OrganizationalUnit] = (),
    accounts: Collection[Account] = (),
    now: datetime,
) -> IssuedToken:
    """Give a person a token for a number of days, limited to OUs and accounts where some are given.

    Raises ValidationError by field.
    """
    _require(actor, user)
    _require_scopes(scopes)
    _require_reach(user, ous, accounts)
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
        scopes=[scope.value for scope in TokenScope if scope in scopes],
        is_limited=bool(ous or accounts),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    token.full_clean()
    token.save()
    token.ous.set(ous)
    token.accounts.set(accounts)
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
    """The valid token of this text, noted as used; None for any other text.

    What its person reaches is limited by it for the rest of the request.
    """
    valid = ApiToken.objects.valid(now).select_related("user")
    token = valid.filter(digest=digest_of(plaintext)).first()
    if token and (token.last_used_at is None or now - token.last_used_at >= USE_IS_NOTED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    if token:
        limit_reach(token.limit())
    return token


def _require(actor: User | None, user: User) -> None:
    """Everybody for themselves; for others only who administers the installation.

    Never through a limited token: what it issued could reach more than it does.
    """
    if actor is not None and reach_of(actor).limit:
        raise Denied("A token that is limited to OUs or accounts manages no tokens.")
    if actor != user:
        require(actor, Permission.ADMINISTER)


def _require_scopes(scopes: Collection[str]) -> None:
    known = [scope.value for scope in TokenScope]
    if not scopes or not set(scopes) <= set(known):
        raise ValidationError({"scopes": f"Give at least one of {', '.join(known)}."})


def _require_reach(
    user: User, ous: Iterable[OrganizationalUnit], accounts: Iterable[Account]
) -> None:
    """A limit that the person does not reach would be a token for nothing."""
    limits: dict[str, Iterable[OrganizationalUnit | Account]] = {"ous": ous, "accounts": accounts}
    for field, places in limits.items():
        for place in places:
            if not can(user, Permission.VIEW, on=place):
                raise ValidationError({field: f"{user} may not see {place}."})


def _audit(
    actor: User | None,
    action: str,
    token: ApiToken,
    *,
    before: dict[str, object] | None,
    now: datetime,
) -> None:
    limits = [str(place) for place in (*token.ous.all(), *token.accounts.all())]
    audit_record(
        actor=actor,
        action=action,
        target=token,
        before=before,
        after={**fields_of(token, STATE), "limited_to": limits},
        now=now,
    )
