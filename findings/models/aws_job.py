"""Jobs that only AWS can do and that somebody has to start: drift detection and resource scans."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Account, Organization
from accounts.models.base import Identified

if TYPE_CHECKING:
    from typing import Self

LONGEST_INTERVAL = 365
"""Days; a job is remembered at least as long, so that no other is started too early."""
_LIVE = ("asked", "running")


def _interval(days: int) -> models.PositiveSmallIntegerField[int, int]:
    return models.PositiveSmallIntegerField(
        default=days,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_INTERVAL)],
        help_text="Days; the same is not started again sooner.",
    )


class AwsJobKind(models.TextChoices):
    STACK_DRIFT = "stack_drift", "Drift detection of a stack"
    RESOURCE_SCAN = "resource_scan", "Resource scan of a region"


class AwsJobSettingsQuerySet(models.QuerySet["AwsJobSettings"]):
    def on(self) -> Self:
        """Where something is switched on."""
        return self.filter(Q(detects_drift=True) | Q(scans_resources=True))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(organization__in=Organization.objects.visible_to(user))


class AwsJobSettings(Identified):
    """Which jobs Cairn starts in an organization's accounts; without a row it starts none."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, related_name="aws_job_settings"
    )
    detects_drift = models.BooleanField(
        default=False, help_text="Start drift detection of stacks. The role must allow jobs."
    )
    drift_interval_days = _interval(5)
    scans_resources = models.BooleanField(
        default=False, help_text="Start resource scans of regions. The role must allow jobs."
    )
    scan_interval_days = _interval(25)

    objects = AwsJobSettingsQuerySet.as_manager()

    class Meta:
        ordering = ["organization"]
        verbose_name = verbose_name_plural = "settings of jobs at AWS"
        constraints = [
            models.CheckConstraint(
                condition=Q(drift_interval_days__gte=1, scan_interval_days__gte=1),
                name="aws_job_settings_intervals_are_a_day_or_more",
            ),
        ]

    def __str__(self) -> str:
        return f"Jobs at AWS of {self.organization}"

    def interval(self, kind: str) -> timedelta | None:
        """How often at most a job of the kind is started; None where it is switched off."""
        if kind == AwsJobKind.STACK_DRIFT:
            return timedelta(days=self.drift_interval_days) if self.detects_drift else None
        return timedelta(days=self.scan_interval_days) if self.scans_resources else None


class AwsJobQuerySet(models.QuerySet["AwsJob"]):
    def live(self) -> Self:
        return self.filter(state__in=AwsJob.LIVE)

    def claimable(self, now: datetime) -> Self:
        """Due, and nobody's: never claimed, or left behind by an owner whose lease has run out."""
        is_free = Q(lease_until=None) | Q(lease_until__lte=now)
        return self.live().filter(is_free, next_poll_at__lte=now)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class AwsJob(Identified):
    """One job in one region of an account, from when it is asked for until AWS has ended it.

    Rows are deleted by retention only. What went wrong last stands in ``operation``, ``reason`` and
    ``error``, of live jobs too.
    """

    Kind = AwsJobKind

    class State(models.TextChoices):
        ASKED = "asked"
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"
        DENIED = "denied"
        CANCELLED = "cancelled"

    LIVE = (State.ASKED, State.RUNNING)

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="aws_jobs")
    account = models.ForeignKey(Account, models.PROTECT, related_name="aws_jobs")
    region = models.CharField(max_length=32)
    kind = models.CharField(max_length=16, choices=AwsJobKind.choices)
    subject = models.CharField(
        max_length=512, blank=True, help_text="The id of the stack; empty for a whole region."
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    aws_id = models.CharField("AWS id", max_length=256, blank=True)
    next_poll_at = models.DateTimeField(
        null=True, blank=True, help_text="When it is started, or looked at again."
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Calls since it was asked for, or since it was started."
    )
    operation = models.CharField(max_length=128, blank=True)
    reason = models.CharField(max_length=128, blank=True)
    error = models.TextField(blank=True)
    token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = AwsJobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "job at AWS"
        verbose_name_plural = "jobs at AWS"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "kind", "subject"],
                condition=Q(state__in=_LIVE),
                name="aws_job_one_live_of_its_kind_and_subject",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, state__in=_LIVE)
                | Q(finished_at__isnull=False) & ~Q(state__in=_LIVE),
                name="aws_job_has_an_end_when_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_LIVE) | Q(next_poll_at__isnull=False),
                name="aws_job_live_is_looked_at_again",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(started_at__isnull=False) & ~Q(aws_id=""),
                name="aws_job_running_is_known_to_aws",
            ),
            models.CheckConstraint(
                condition=Q(token=None, lease_until=None)
                | Q(token__isnull=False, lease_until__isnull=False, state__in=_LIVE),
                name="aws_job_claimed_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(kind="stack_drift") & ~Q(subject="")
                | Q(kind="resource_scan", subject=""),
                name="aws_job_has_the_subject_of_its_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["next_poll_at"], condition=Q(state__in=_LIVE), name="aws_job_due"),
            models.Index(fields=["account", "kind", "asked_at"], name="aws_job_by_account"),
            models.Index(fields=["finished_at"], name="aws_job_finished_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.account} {self.region}"

    @property
    def subject_name(self) -> str:
        """The name of the stack, or the region."""
        parts = self.subject.split("/")
        return parts[1] if len(parts) > 1 else self.subject or self.region
