from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from accounts.models.base import Identified, require_same_organization
from accounts.roles import Role

if TYPE_CHECKING:
    from typing import Self


class GrantQuerySet(models.QuerySet["Grant"]):
    def active(self, now: datetime) -> Self:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now))

    def held_by(self, user: User) -> Self:
        """Given to the person, or to a team of which the person is a member."""
        teams = User.teams.through.objects.filter(user=user).values("team")
        return self.filter(Q(user=user) | Q(team__in=teams))


class Grant(Identified):
    """A role of a person or a team on an organization, an OU subtree, or a team's accounts.

    With neither ``ou`` nor ``accounts_of`` it holds for the whole organization.
    """

    role = models.CharField(max_length=16, choices=Role.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="grants"
    )
    team = models.ForeignKey(
        "accounts.Team", models.CASCADE, null=True, blank=True, related_name="grants"
    )
    organization = models.ForeignKey("accounts.Organization", models.PROTECT, related_name="grants")
    ou = models.ForeignKey(
        "accounts.OrganizationalUnit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name="OU",
    )
    accounts_of = models.ForeignKey(
        "accounts.Team",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="grants_on_its_accounts",
        verbose_name="accounts of the team",
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["organization_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None) ^ Q(team=None),
                name="grant_has_exactly_one_grantee",
                violation_error_message="Give the role either to a person or to a team.",
            ),
            models.CheckConstraint(
                condition=Q(ou=None) | Q(accounts_of=None),
                name="grant_has_at_most_one_narrower_scope",
                violation_error_message="Choose an OU or a team's accounts, not both.",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="grant_role_known"),
            models.UniqueConstraint(
                F("organization"),
                Coalesce(F("user"), Value(0)),
                Coalesce(F("team"), Value(0)),
                Coalesce(F("ou"), Value(0)),
                Coalesce(F("accounts_of"), Value(0)),
                name="grant_unique_for_grantee_and_scope",
                violation_error_message="This person or team has a grant on this scope already.",
            ),
        ]

    def clean(self) -> None:
        require_same_organization(self, ("team", "ou", "accounts_of"))

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.user or self.team} on {self.scope_name}"

    @property
    def scope_name(self) -> str:
        if self.ou:
            return f"{self.organization} / {self.ou}"
        if self.accounts_of:
            return f"{self.organization} / accounts of {self.accounts_of}"
        return str(self.organization)
