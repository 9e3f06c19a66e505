"""Where tickets about findings go, and by when what they are about is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Organization
from accounts.models.base import Identified, require_same_organization
from accounts.models.reach import reach_of
from findings.catalogue.pillar import Severity
from findings.models.connection import Connection
from findings.models.finding import Episode

if TYPE_CHECKING:
    from typing import Self


class RouteQuerySet(models.QuerySet["Route"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Routes of organizations that the person sees as a whole; they name OUs and teams."""
        return self.filter(reach_of(user).on_whole_organizations("organization"))


class Route(Identified):
    """Findings that fit the selector, unless an earlier route has them, get tickets here.

    ``selector`` is ``ticketing.selector.RouteSelector`` as JSON. The maps give the tracker's own
    ids: ``severity_map`` a priority for a severity, ``status_map`` a status for a category.
    """

    class Mode(models.TextChoices):
        OFF = "off"
        SUGGEST = "suggest"
        AUTO = "auto", "Automatic"

    class Grouping(models.TextChoices):
        FINDING = "finding", "One ticket for each finding"
        CHECK_TEAM = "check_team", "One for each check and team"
        ACCOUNT_CHECK = "account_check", "One for each account and check"

    class ReopenPolicy(models.TextChoices):
        REOPEN = "reopen", "Open the old ticket again"
        NEW = "new", "Open a new ticket that names the old one"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="routes")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=128)
    selector = models.JSONField(default=dict, blank=True, help_text="Empty: every finding.")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="routes")
    project = models.CharField(max_length=255, blank=True)
    issue_type = models.CharField(max_length=128, blank=True)
    grouping = models.CharField(
        max_length=16, choices=Grouping.choices, default=Grouping.CHECK_TEAM
    )
    labels = models.JSONField(default=list, blank=True)
    severity_map = models.JSONField(default=dict, blank=True)
    status_map = models.JSONField(default=dict, blank=True)
    field_map = models.JSONField(
        default=dict, blank=True, help_text="Values of the tracker's own fields."
    )
    reopen_policy = models.CharField(
        max_length=8, choices=ReopenPolicy.choices, default=ReopenPolicy.REOPEN
    )
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.OFF)
    auto_since = models.DateTimeField(
        null=True, blank=True, help_text="Findings that opened before get no ticket by themselves."
    )
    max_new = models.PositiveIntegerField(
        default=20,
        validators=[MinValueValidator(1)],
        help_text="New tickets in one scan; beyond, the route stops and asks.",
    )
    held_at = models.DateTimeField(null=True, blank=True)
    held_reason = models.TextField(blank=True)

    objects = RouteQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="route_name_unique",
                violation_error_message="This organization has a route of this name already.",
            ),
            models.CheckConstraint(
                condition=~Q(mode="auto") | Q(auto_since__isnull=False),
                name="route_auto_has_a_beginning",
            ),
            models.CheckConstraint(
                condition=Q(held_at=None, held_reason="")
                | Q(held_at__isnull=False) & ~Q(held_reason=""),
                name="route_held_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        require_same_organization(self, ("connection",))


class SuggestionDismissalQuerySet(models.QuerySet["SuggestionDismissal"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(route__in=Route.objects.visible_to(user))


class SuggestionDismissal(models.Model):
    """That a route suggests no ticket about a finding while this episode of it lasts."""

    route = models.ForeignKey(Route, models.CASCADE, related_name="dismissals")
    episode = models.ForeignKey(Episode, models.CASCADE, related_name="dismissals")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    objects = SuggestionDismissalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["route", "episode"], name="suggestion_dismissed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.episode.finding} on {self.route}"


class SlaRuleQuerySet(models.QuerySet["SlaRule"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(organization__in=Organization.objects.visible_to(user))


class SlaRule(Identified):
    """Within how many days findings of a severity are to be remedied, by environment.

    A rule for the account's environment goes before one for all; without any, the default of
    ``ticketing.sla`` counts.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="sla_rules")
    severity = models.CharField(
        max_length=16, choices=[(s.value, s.value.title()) for s in Severity]
    )
    environment = models.CharField(max_length=64, blank=True, help_text="Empty: all others.")
    days = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Empty: never due."
    )

    objects = SlaRuleQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "severity", "environment"]
        verbose_name = "SLA rule"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "severity", "environment"],
                name="sla_rule_unique",
                violation_error_message="This severity has a rule for this environment already.",
            ),
        ]

    def __str__(self) -> str:
        within = f"{self.days} days" if self.days else "no time"
        return f"{self.severity} in {self.environment or 'any environment'}: {within}"
