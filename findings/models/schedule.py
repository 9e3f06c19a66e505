from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Organization
from accounts.models.base import Identified
from findings.models.scan import Scan
from findings.scheduling import Timetable

if TYPE_CHECKING:
    from typing import Self


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(organization__in=Organization.objects.visible_to(user))


class Schedule(Identified):
    """When an organization is scanned: a cron expression in a time zone."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="schedules")
    name = models.CharField(max_length=128)
    cron = models.CharField(max_length=128, help_text="Five fields: 0 3 * * * is 03:00 every day.")
    time_zone = models.CharField(
        max_length=64, default="UTC", help_text="For example Europe/Paris."
    )
    jitter_minutes = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(720)],
        help_text="Starts at a random moment within so many minutes.",
    )
    catches_up = models.BooleanField(
        default=True, help_text="Run once, late, when its time passed while nothing was running."
    )
    selection = models.JSONField(default=dict, blank=True, help_text="Empty: everything.")
    is_active = models.BooleanField(default=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    last_run_at = models.DateTimeField(null=True, blank=True)
    last_scan = models.ForeignKey(
        Scan, models.SET_NULL, null=True, blank=True, related_name="schedules"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="schedule_name_unique",
                violation_error_message="This organization has a schedule of this name already.",
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(next_run_at__isnull=False),
                name="schedule_active_has_a_next_run",
            ),
        ]
        indexes = [
            models.Index(fields=["next_run_at"], condition=Q(is_active=True), name="schedule_due"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.organization})"

    @property
    def timetable(self) -> Timetable:
        """When it runs. Raises ScheduleError."""
        return Timetable(
            cron=self.cron,
            time_zone=self.time_zone,
            jitter=timedelta(minutes=self.jitter_minutes),
        )


class AlertQuerySet(models.QuerySet["Alert"]):
    def active(self) -> Self:
        return self.filter(resolved_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(organization__in=Organization.objects.visible_to(user))


class Alert(Identified):
    """Something about Cairn's own work that a person should see, until it is right again."""

    class Kind(models.TextChoices):
        SCHEDULE_MISSED = "schedule_missed", "A scheduled scan did not finish in time"
        TRACKER_FAILING = "tracker_failing", "A tracker refuses what is sent to it"
        WEBHOOK_DISABLED = "webhook_disabled", "A webhook failed for too long or is gone"
        ROUTE_HELD = "route_held", "A route would open more tickets than it may"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=32, choices=Kind.choices)
    subject = models.CharField(max_length=128, help_text="What it is about; one open alert each.")
    message = models.TextField()
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "subject"],
                condition=Q(resolved_at=None),
                name="alert_one_active_per_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.message
