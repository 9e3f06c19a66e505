from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from accounts.models.base import Identified, require_same_organization
from accounts.models.organization import Organization, OrganizationalUnit
from accounts.models.reach import reach_of

if TYPE_CHECKING:
    from typing import Self


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Teams of organizations in which the person may see something."""
        return self.filter(organization__in=Organization.objects.visible_to(user))


class Team(Identified):
    """People who own accounts and findings of one organization together."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="teams")
    name = models.CharField(max_length=128)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="teams")

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="team_name_unique_in_organization",
                violation_error_message="The organization has a team of this name already.",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="team_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class OwnershipRuleQuerySet(models.QuerySet["OwnershipRule"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Rules of organizations that the person sees as a whole; they name OUs and accounts."""
        return self.filter(reach_of(user).on_whole_organizations("organization"))


class OwnershipRule(Identified):
    """Everything that fits all given conditions belongs to the team; the last rule that fits wins.

    A rule with a service, check or region speaks of findings only, never of a whole account.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="ownership_rules")
    position = models.PositiveIntegerField()
    team = models.ForeignKey(Team, models.PROTECT, related_name="ownership_rules")
    ou = models.ForeignKey(
        OrganizationalUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ownership_rules",
        verbose_name="OU",
        help_text="With everything below it.",
    )
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="ownership_rules"
    )
    tag_key = models.CharField(max_length=128, blank=True)
    tag_value = models.CharField(max_length=256, blank=True, help_text="Empty: any value.")
    service = models.CharField(max_length=64, blank=True)
    check_id = models.CharField("check", max_length=128, blank=True)
    region = models.CharField(max_length=32, blank=True)

    objects = OwnershipRuleQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(tag_value="") | ~Q(tag_key=""),
                name="ownership_rule_tag_value_needs_key",
                violation_error_message="Give the key of the tag, too.",
            ),
        ]

    def clean(self) -> None:
        require_same_organization(self, ("team", "ou", "account"))

    def __str__(self) -> str:
        return f"{self.position}: {self.conditions} -> {self.team}"

    @property
    def conditions(self) -> str:
        """The conditions in words; "everything" when there is none."""
        tag = f"{self.tag_key}={self.tag_value or '*'}" if self.tag_key else ""
        named = {
            "OU": self.ou,
            "account": self.account,
            "tag": tag,
            "service": self.service,
            "check": self.check_id,
            "region": self.region,
        }
        return (
            ", ".join(f"{name} {value}" for name, value in named.items() if value) or "everything"
        )
