"""Incidents: what broke, for whom, when, and what is told of it. Services alone write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.validators import (
    MaxLengthValidator,
    ProhibitNullCharactersValidator,
    URLValidator,
)
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Organization, OrganizationalUnit
from accounts.models.base import Identified
from accounts.roles import Permission
from findings.catalogue.pillar import Severity
from findings.foresight import Foresight
from findings.incident_times import IncidentState, IncidentTimes
from findings.models.visibility import sees_all_of

if TYPE_CHECKING:
    from typing import Self

M = TypeVar("M", bound=models.Model)
TIMES = ("started_at", "detected_at", "acknowledged_at", "mitigated_at", "resolved_at")
LONGEST_TEXT = 50_000
PROSE: list[Callable[[Any], None]] = [
    MaxLengthValidator(LONGEST_TEXT),
    ProhibitNullCharactersValidator(),
]
SEVERITIES = [(severity.value, severity.value.title()) for severity in Severity]


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(
        self, user: User | AnonymousUser, permission: Permission = Permission.VIEW
    ) -> Self:
        """Those all of whose accounts the person sees.

        What is written of an incident may tell of each account in it, so seeing one is not enough.
        """
        return self.filter(sees_all_of(user, Incident.accounts.through, "incident", permission))

    def in_state(self, state: IncidentState) -> Self:
        if state is IncidentState.RESOLVED:
            return self.filter(resolved_at__isnull=False)
        return self.filter(resolved_at=None, mitigated_at__isnull=state is IncidentState.ONGOING)


class Incident(Identified):
    """Something that broke in one or more accounts. ``checks`` are those that it has to do with."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="incidents")
    number = models.PositiveIntegerField(help_text="Its place among those of the organization.")
    title = models.CharField(max_length=200, validators=PROSE[1:])
    summary = models.TextField(blank=True, validators=PROSE, help_text="Markdown.")
    severity = models.CharField(max_length=16, choices=SEVERITIES)
    users_affected = models.PositiveBigIntegerField(null=True, blank=True)
    requests_failed = models.PositiveBigIntegerField(null=True, blank=True)
    downtime_minutes = models.PositiveIntegerField(null=True, blank=True)
    accounts = models.ManyToManyField(Account, related_name="incidents", blank=True)
    services = models.JSONField(default=list, blank=True, help_text="Names of what was affected.")
    checks = models.JSONField(default=list, blank=True, help_text="Ids of related checks.")
    started_at = models.DateTimeField("started")
    detected_at = models.DateTimeField("detected", null=True, blank=True)
    acknowledged_at = models.DateTimeField("acknowledged", null=True, blank=True)
    mitigated_at = models.DateTimeField("mitigated", null=True, blank=True)
    resolved_at = models.DateTimeField("resolved", null=True, blank=True)
    external_reference = models.CharField(
        max_length=200, blank=True, help_text="Its id in the system that it comes from."
    )
    external_url = models.CharField(
        max_length=2000, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField()

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="incident_number_unique"
            ),
            models.UniqueConstraint(
                fields=["organization", "external_reference"],
                condition=~Q(external_reference=""),
                name="incident_external_reference_unique",
                violation_error_message="An incident with this reference is recorded already.",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="incident_has_a_title"),
            models.CheckConstraint(
                condition=Q(severity__in=[severity.value for severity in Severity]),
                name="incident_severity_known",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{later}__gte": F(earlier)}),
                    name=f"incident_{later[:-3]}_not_before_{earlier[:-3]}",
                    violation_error_message=(
                        f"It was {later[:-3]} before it was {earlier[:-3]}."
                        if earlier != "started_at"
                        else f"It was {later[:-3]} before it started."
                    ),
                )
                for earlier, later in combinations(TIMES, 2)
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-started_at"], name="incident_by_start"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def key(self) -> str:
        return f"INC-{self.number}"

    @property
    def times(self) -> IncidentTimes:
        return IncidentTimes(**{name: getattr(self, name) for name in TIMES})

    @property
    def state(self) -> IncidentState:
        return self.times.state


class PartQuerySet(models.QuerySet[M]):
    """Of rows that belong to an incident and are seen by those who see it."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(incident__in=Incident.objects.visible_to(user))


class IncidentRole(models.Model):
    """What a person does in an incident."""

    class Role(models.TextChoices):
        COMMANDER = "commander", "Incident commander"
        COMMUNICATIONS = "communications"
        OPERATIONS = "operations"
        SCRIBE = "scribe"
        EXPERT = "expert", "Subject matter expert"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="roles")
    role = models.CharField(max_length=16, choices=Role.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="incident_roles"
    )

    objects = PartQuerySet["IncidentRole"].as_manager()

    class Meta:
        ordering = ["-incident_id", "role", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "role", "user"], name="incident_role_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(role="commander"),
                name="incident_has_one_commander",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


class TimelineEntry(Identified):
    """What happened, when, and who says so; only what is starred is published."""

    class Source(models.TextChoices):
        PERSON = "person"
        API = "api", "API"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="timeline")
    at = models.DateTimeField()
    text = models.TextField(validators=PROSE, help_text="Markdown.")
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.PERSON)
    is_starred = models.BooleanField("starred", default=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()

    objects = PartQuerySet["TimelineEntry"].as_manager()

    class Meta:
        ordering = ["-incident_id", "at", "id"]
        verbose_name_plural = "timeline entries"
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="timeline_entry_says_something"),
        ]
        indexes = [models.Index(fields=["incident", "at"], name="timeline_entry_by_time")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.text[:60]}"


class ContributingFactor(Identified):
    """One of the conditions that together made it happen; there is never only one cause."""

    class Kind(models.TextChoices):
        CHANGE = "change", "A change"
        CONFIGURATION = "configuration"
        CODE = "code", "A defect in code"
        CAPACITY = "capacity", "Capacity or a quota"
        DEPENDENCY = "dependency", "A dependency"
        MONITORING = "monitoring", "Monitoring or alerting"
        RUNBOOK = "runbook", "A runbook or its rehearsal"
        ACCESS = "access", "Access or permissions"
        COMMUNICATION = "communication"
        PROCESS = "process", "A process or how work was planned"
        DESIGN = "design", "Design or architecture"
        EXTERNAL = "external", "Something outside"
        OTHER = "other"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="factors")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    text = models.TextField(validators=PROSE, help_text="Markdown.")
    added_at = models.DateTimeField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = PartQuerySet["ContributingFactor"].as_manager()

    class Meta:
        ordering = ["-incident_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="contributing_factor_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"


class ForesightEntry(Identified):
    """What was known of one check at one place when an incident began: proposed, then confirmed.

    Without a check it tells of something that no check looks at. An empty region is all of them.
    """

    CLASSES = [(one.value, one.value.replace("_", " ").capitalize()) for one in Foresight]

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="foresight")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    ou = models.ForeignKey(
        OrganizationalUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="OU",
        help_text="Where the account was then.",
    )
    region = models.CharField(max_length=32, blank=True)
    check_id = models.CharField("check", max_length=128, blank=True)
    proposed = models.CharField(max_length=24, choices=CLASSES)
    warning_seconds = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="How long a finding had been open."
    )
    confirmed = models.CharField(max_length=24, choices=CLASSES, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    proposed_at = models.DateTimeField()

    objects = PartQuerySet["ForesightEntry"].as_manager()

    class Meta:
        ordering = ["-incident_id", "check_id", "account", "region"]
        verbose_name_plural = "foresight entries"
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "account", "region", "check_id"],
                name="foresight_once_a_place",
            ),
            models.CheckConstraint(
                condition=Q(confirmed="", confirmed_at=None)
                | ~Q(confirmed="") & Q(confirmed_at__isnull=False),
                name="foresight_confirmed_has_a_time",
            ),
        ]

    @property
    def warning(self) -> timedelta | None:
        seconds = self.warning_seconds
        return None if seconds is None else timedelta(seconds=seconds)

    @property
    def chosen(self) -> str:
        return self.confirmed or self.proposed

    def __str__(self) -> str:
        return f"{self.check_id or 'no check'} at the start of {self.incident}"


class IncidentEvent(models.Model):
    """What happened to an incident, append-only; ``number`` grows with the order of the commits."""

    class Kind(models.TextChoices):
        RECORDED = "recorded"
        CHANGED = "changed"
        TIMELINE = "timeline", "Timeline added to"
        ANALYSIS = "analysis", "Analysis moved"
        PUBLISHED = "published"
        LEARNED = "learned"
        REGRESSED = "regressed", "A learning regressed"
        ACTION_ADDED = "action_added"
        ACTION_CHANGED = "action_changed"
        ACTION_CLAIMED = "action_claimed"
        ACTION_REJECTED = "action_rejected"
        ACTION_VERIFIED = "action_verified"
        ACTION_REGRESSED = "action_regressed", "An action item regressed"
        ACTION_OVERDUE = "action_overdue"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="incident_events")
    number = models.PositiveBigIntegerField()
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    subject = models.UUIDField(
        null=True, blank=True, help_text="The uid of the part of it that the event is about."
    )
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    objects = PartQuerySet["IncidentEvent"].as_manager()

    class Meta:
        ordering = ["organization_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="incident_event_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.incident}"


class IncidentSequence(models.Model):
    """The last numbers given in an organization, to events and to incidents; its lock orders them.

    ``followed_until`` is the end of the last scan after which guards were looked at,
    ``ticket_event`` the last event of a ticket that action items have followed.
    """

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="+"
    )
    last = models.PositiveBigIntegerField(default=0)
    last_incident = models.PositiveIntegerField(default=0)
    followed_until = models.DateTimeField(null=True, blank=True)
    ticket_event = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.organization}: {self.last}"
