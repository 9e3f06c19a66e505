from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from accounts.models.base import Identified
from accounts.models.organization import OrganizationalUnit
from accounts.models.reach import Limit, reach_of
from accounts.roles import Permission

if TYPE_CHECKING:
    from typing import Self


def digest_of(plaintext: str) -> str:
    """A plain digest is enough: nobody guesses the 256 random bits of a token."""
    return hashlib.sha256(plaintext.encode()).hexdigest()


class TokenScope(models.TextChoices):
    """What a token may be used for, as far as its person may do it."""

    READ = "read", "Read everything"
    FINDINGS = "findings:write", "Work on findings"
    TICKETS = "tickets:write", "Work on tickets"
    SUPPRESSIONS = "suppressions:write", "Ask for suppressions and decide on them"
    SCANS = "scans:write", "Start and end scans"
    INCIDENTS = "incidents:write", "Work on incidents"
    ADMIN = "admin", "Everything its person may do"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self, now: datetime) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=now, user__is_active=True)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """A person's own; those of everybody for who administers the installation.

        Through a limited token it alone: the others tell of more than it may.
        """
        reach = reach_of(user, Permission.ADMINISTER)
        if reach.everything:
            return self
        own = self.filter(user_id=user.pk)
        return own.filter(pk=reach.limit.token) if reach.limit else own


class ApiToken(Identified):
    """Lets a program act as a person. Of the token itself only prefix and digest are kept.

    A limited one reaches its OUs and accounts alone, and nothing when none of them is left.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=64, help_text="What uses it.")
    prefix = models.CharField(max_length=16, help_text="Its first letters, to tell it by.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(help_text="Values of TokenScope.")
    is_limited = models.BooleanField(default=False)
    ous = models.ManyToManyField(OrganizationalUnit, blank=True, related_name="+")
    accounts = models.ManyToManyField(Account, blank=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "API token"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="api_token_has_a_name"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")),
                name="api_token_ends_after_it_begins",
                violation_error_message="Choose an end that lies ahead.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…) of {self.user}"

    def permits(self, scope: TokenScope) -> bool:
        return bool({scope, TokenScope.ADMIN} & set(self.scopes))

    def limit(self) -> Limit | None:
        """What it reaches at most; None where that is what its person reaches."""
        if not self.is_limited:
            return None
        return Limit(
            token=self.pk,
            user=self.user_id,
            units=tuple(self.ous.all()),
            accounts=tuple(self.accounts.select_related("ou")),
        )
