from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.days import day_begins, day_ends
from accounts.models import Account, Organization, OrganizationalUnit, Team
from accounts.models.base import Identified, require_same_organization
from findings.catalogue.tools import Tool

if TYPE_CHECKING:
    from typing import Self

LONGEST = timedelta(days=365)
"""From the first day to the last; a tool that stays is declared again."""


class DeclaredToolQuerySet(models.QuerySet["DeclaredTool"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of accounts and OUs that the person sees, and those of the whole organization."""
        of_account = Q(account__in=Account.objects.visible_to(user))
        of_ou = Q(ou__in=OrganizationalUnit.objects.visible_to(user))
        of_all = Q(ou=None, account=None, organization__in=Organization.objects.visible_to(user))
        return self.filter(of_account | of_ou | of_all)

    def not_over(self, now: datetime) -> Self:
        """Without those that were ended, or whose last day is over in every time zone."""
        return self.filter(ended_at=None, ends_on__gte=(now - timedelta(days=1)).date())


class DeclaredTool(Identified):
    """A tool outside AWS that stands in for checks in an organization, an OU or an account.

    It counts from the start of its first day to the end of its last, in the organization's time
    zone, unless somebody ends it before. Rows are never changed otherwise, and never deleted.
    """

    class State(models.TextChoices):
        PLANNED = "planned"
        ACTIVE = "active"
        LAPSED = "lapsed"
        ENDED = "ended", "Ended early"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="declared_tools")
    ou = models.ForeignKey(
        OrganizationalUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="declared_tools",
        verbose_name="OU",
        help_text="With everything below it.",
    )
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="declared_tools"
    )
    kind = models.CharField(max_length=32, choices=[(tool.value, tool.label) for tool in Tool])
    name = models.CharField(max_length=64, help_text="For example Datadog.")
    owner_team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="declared_tools"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(help_text="What it does, and where that can be seen.")
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day", help_text="At most a year after the first day.")
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    declared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DeclaredToolQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "-ends_on", "name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ou=None) | Q(account=None),
                name="declared_tool_has_at_most_one_narrower_scope",
                violation_error_message="Choose an OU or an account, not both.",
            ),
            models.CheckConstraint(
                condition=Q(owner=None) | Q(owner_team=None),
                name="declared_tool_has_at_most_one_owner",
                violation_error_message="Give it to a team or to a person, not to both.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[tool.value for tool in Tool]),
                name="declared_tool_kind_known",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(reason=""), name="declared_tool_has_a_name_and_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="declared_tool_does_not_end_before_it_starts",
                violation_error_message="The last day is before the first.",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "ends_on"], name="declared_tool_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.scope_name}"

    def clean(self) -> None:
        require_same_organization(self, ("ou", "account", "owner_team"))
        if self.owner is None and self.owner_team is None:
            raise ValidationError("Name a team or a person who answers for it.")
        if self.starts_on and self.ends_on and self.ends_on - self.starts_on > LONGEST:
            raise ValidationError({"ends_on": "At most a year after the first day."})

    @property
    def target(self) -> Account | OrganizationalUnit | Organization:
        return self.account or self.ou or self.organization

    @property
    def scope_name(self) -> str:
        return str(self.target)

    @property
    def starts_at(self) -> datetime:
        return day_begins(self.starts_on, self.time_zone)

    @property
    def ends_at(self) -> datetime:
        """The first instant after its last day."""
        return day_ends(self.ends_on, self.time_zone)

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.organization.time_zone)

    def state(self, now: datetime) -> DeclaredTool.State:
        if self.ended_at is not None:
            return self.State.ENDED
        if now >= self.ends_at:
            return self.State.LAPSED
        return self.State.ACTIVE if now >= self.starts_at else self.State.PLANNED
