"""What suppressions covered, from when until when, and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Organization
from findings.models.finding import Episode, Finding
from findings.models.suppression import Suppression

if TYPE_CHECKING:
    from typing import Self


class SuppressedFindingQuerySet(models.QuerySet["SuppressedFinding"]):
    def at(self, instant: datetime) -> Self:
        """What was, is or will be covered at an instant."""
        return self.filter(from_at__lte=instant, until_at__gt=instant)

    def not_over(self, now: datetime) -> Self:
        """What is covered now, or will be; a span that ended before it began never was."""
        return self.filter(until_at__gt=now).filter(until_at__gt=F("from_at"))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(finding__account__in=Account.objects.visible_to(user))


class SuppressedFinding(models.Model):
    """A span in which a suppression covers an episode of a finding: from, and until but without.

    The end is known from the start, so a suppression ends without anybody's doing; what ends it
    earlier moves the end. ``judged`` holds what a decision on a false positive looked at.
    """

    suppression = models.ForeignKey(Suppression, models.PROTECT, related_name="covered")
    finding = models.ForeignKey(Finding, models.CASCADE, related_name="suppressed")
    episode = models.ForeignKey(Episode, models.CASCADE, related_name="suppressed")
    from_at = models.DateTimeField("from")
    until_at = models.DateTimeField("until")
    judged = models.JSONField(
        default=dict, blank=True, help_text="Version, message and parts of a false positive."
    )

    objects = SuppressedFindingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__gte=F("from_at")), name="suppressed_until_after_from"
            ),
            models.UniqueConstraint(
                fields=["suppression", "episode", "from_at"], name="suppressed_span_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["finding", "until_at", "from_at"], name="suppressed_by_finding"),
            models.Index(fields=["suppression", "until_at"], name="suppressed_by_suppression"),
        ]

    def __str__(self) -> str:
        return f"{self.finding} by {self.suppression}"


class SuppressionEventQuerySet(models.QuerySet["SuppressionEvent"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of suppressions that the person sees, without what is of accounts elsewhere."""
        of_seen = Q(account=None) | Q(account__in=Account.objects.visible_to(user))
        return self.filter(of_seen, suppression__in=Suppression.objects.visible_to(user))


class SuppressionEvent(models.Model):
    """What happened to a suppression, append-only; numbers grow with the order of the commits."""

    class Kind(models.TextChoices):
        ASKED = "asked"
        APPROVED = "approved"
        REFUSED = "refused"
        REVOKED = "revoked"
        ENDING = "ending", "Ends within 14 days"
        EXPIRED = "expired"
        TOO_MANY = "too_many", "Tripped: more findings match than it may cover"
        CHECK_FAILS = "check_fails", "Tripped: the compensating check fails"
        CHECK_UNKNOWN = "check_unknown", "The compensating check is not known"
        EVIDENCE_CHANGED = "evidence_changed", "Tripped: the check or its evidence changed"

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="suppression_events"
    )
    number = models.PositiveBigIntegerField()
    suppression = models.ForeignKey(Suppression, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What it tells of is there; seen only by those who see the account.",
    )
    finding = models.ForeignKey(
        Finding, models.SET_NULL, null=True, blank=True, related_name="suppression_events"
    )
    note = models.TextField(blank=True)

    objects = SuppressionEventQuerySet.as_manager()

    class Meta:
        ordering = ["organization_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="suppression_event_number_unique"
            ),
            models.UniqueConstraint(
                fields=["suppression", "kind"],
                condition=Q(kind__in=["ending", "expired"]),
                name="suppression_event_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.suppression}"


class SuppressionCursor(models.Model):
    """How far suppressions have followed what happened to findings and accounts.

    Its lock also orders the events of suppressions: ``last`` is the number of the newest.
    """

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="+"
    )
    finding_event = models.PositiveBigIntegerField(default=0)
    account_event = models.PositiveBigIntegerField(default=0)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.organization}: {self.finding_event}"
