"""Findings, their episodes and their history. Only ``findings.services`` writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Organization
from accounts.models.base import Identified
from findings.catalogue.pillar import Row, Severity
from findings.models.scan import Scan, Shard

if TYPE_CHECKING:
    from typing import Self


class EvidenceStatus(models.TextChoices):
    """What the machine last could verify."""

    FAIL = "fail"
    PASS = "pass"  # noqa: S105 - an outcome, not a password
    NOT_APPLICABLE = "not_applicable"
    GONE = "gone"


class Workflow(models.TextChoices):
    """What people say they do about an episode; only evidence says *resolved*."""

    NEW = "new"
    TRIAGED = "triaged"
    IN_PROGRESS = "in_progress"
    FIX_CLAIMED = "fix_claimed"
    RESOLVED = "resolved"


class OpenCause(models.TextChoices):
    NEW_RESOURCE = "new_resource"
    NEWLY_FAILING = "newly_failing", "A known resource began to fail"
    REGRESSED = "regressed", "Failed again after a verified fix"
    FIRST_COLLECTED = "first_collected"
    CHECK_CHANGED = "check_changed"
    PARAMETER_CHANGED = "parameter_changed"
    SCOPE_CHANGED = "scope_changed"


class CloseCause(models.TextChoices):
    VERIFIED = "verified", "Verified: the check passes"
    RESOURCE_GONE = "resource_gone"
    ACCOUNT_LEFT = "account_left"
    OUT_OF_SCOPE = "out_of_scope"
    CHECK_CHANGED = "check_changed"


class FindingQuerySet(models.QuerySet["Finding"]):
    def open(self) -> Self:
        return self.filter(is_open=True)

    def unverified(self) -> Self:
        """Open, but the last scans could not see whether it still fails."""
        return self.filter(is_open=True, unverified_since__isnull=False)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class Finding(Identified):
    """The durable record of a resource (or account, or region) that fails a check.

    ``resource`` is the key of the fact; empty where the check judges a region, an account or the
    organization. ``unverified_since`` is set while the check's outcome is unknown, which changes
    nothing else.
    """

    fingerprint = models.CharField(max_length=67, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="findings")
    account = models.ForeignKey(Account, models.PROTECT, related_name="findings")
    region = models.CharField(max_length=32)
    check_id = models.CharField(max_length=128)
    check_version = models.PositiveIntegerField()
    resource = models.CharField(max_length=2048, blank=True)
    sub_key = models.CharField(max_length=255, blank=True)
    row = models.CharField(max_length=2, choices=[(row.value, row.label) for row in Row])
    severity = models.CharField(
        max_length=16, choices=[(s.value, s.value.title()) for s in Severity]
    )
    severity_rank = models.PositiveSmallIntegerField(help_text="0 for critical.")
    evidence_status = models.CharField(max_length=16, choices=EvidenceStatus.choices)
    message = models.TextField(blank=True)
    parts = models.JSONField(default=list, blank=True)
    is_open = models.BooleanField(default=True)
    opened_at = models.DateTimeField(help_text="Start of the last episode.")
    changed_at = models.DateTimeField(help_text="When its outcome last changed.")
    facts_at = models.DateTimeField(help_text="The oldest fact behind the outcome it holds.")
    unverified_since = models.DateTimeField(null=True, blank=True)
    shard = models.ForeignKey(
        Shard, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["severity_rank", "-opened_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_open=False) | Q(evidence_status="fail"),
                name="finding_open_only_while_failing",
            ),
        ]
        indexes = [
            models.Index(F("account"), F("region"), F("check_id"), name="finding_place_check"),
            models.Index(
                fields=["organization", "severity_rank", "-opened_at"],
                condition=Q(is_open=True),
                name="finding_open_by_severity",
            ),
            models.Index(
                fields=["check_id", "account"],
                condition=Q(is_open=True),
                name="finding_open_by_check",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} {self.account} {self.region} {self.resource}".rstrip()


class EpisodeQuerySet(models.QuerySet["Episode"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(finding__account__in=Account.objects.visible_to(user))


class Episode(models.Model):
    """One span of a finding from open to close, with what people did about it."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="episodes")
    number = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    open_cause = models.CharField(max_length=20, choices=OpenCause.choices)
    closed_at = models.DateTimeField(null=True, blank=True)
    close_cause = models.CharField(max_length=20, choices=CloseCause.choices, blank=True)
    clock_starts_at = models.DateTimeField(
        help_text="When its SLA clock starts: inherited from a predecessor, later for a baseline."
    )
    is_baseline = models.BooleanField(default=False)
    predecessor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="successors"
    )
    workflow = models.CharField(max_length=16, choices=Workflow.choices, default=Workflow.NEW)
    claimed_at = models.DateTimeField(
        null=True, blank=True, help_text="When someone claimed the fix; newer evidence decides."
    )
    claim_scan = models.ForeignKey(
        Scan,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="claimed_episodes",
        help_text="The scan that was asked for by the claim.",
    )
    rejected_claims = models.PositiveIntegerField(default=0)
    opened_by = models.ForeignKey(
        Scan, models.SET_NULL, null=True, blank=True, related_name="opened_episodes"
    )
    closed_by = models.ForeignKey(
        Scan, models.SET_NULL, null=True, blank=True, related_name="closed_episodes"
    )

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        ordering = ["finding_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["finding", "number"], name="episode_number_unique"),
            models.UniqueConstraint(
                fields=["finding"], condition=Q(closed_at=None), name="episode_one_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, close_cause="")
                | Q(closed_at__isnull=False) & ~Q(close_cause=""),
                name="episode_close_has_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(workflow="resolved", close_cause="verified")
                | ~Q(workflow="resolved") & ~Q(close_cause="verified"),
                name="episode_resolved_only_by_evidence",
            ),
        ]
        indexes = [
            models.Index(
                fields=["claimed_at"], condition=Q(workflow="fix_claimed"), name="episode_claimed"
            ),
        ]

    def __str__(self) -> str:
        return f"Episode {self.number} of {self.finding}"


class FindingEventQuerySet(models.QuerySet["FindingEvent"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(finding__account__in=Account.objects.visible_to(user))


class FindingEvent(models.Model):
    """What happened to a finding, append-only. ``number`` grows with the order of the commits.

    A reader that remembers the last number it saw of an organization misses nothing.
    """

    class Kind(models.TextChoices):
        OPENED = "opened"
        RETURNED = "returned", "Came back into scope"
        CHANGED = "changed"
        CLOSED = "closed"
        WORKFLOW = "workflow"
        COMMENTED = "commented"
        CLAIM_REJECTED = "claim_rejected"
        CARRIED_OVER = "carried_over", "Carried over from a renamed check"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="finding_events")
    number = models.PositiveBigIntegerField()
    finding = models.ForeignKey(Finding, models.CASCADE, related_name="events")
    episode = models.ForeignKey(
        Episode, models.CASCADE, null=True, blank=True, related_name="events"
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    cause = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    scan = models.ForeignKey(
        Scan, models.SET_NULL, null=True, blank=True, related_name="finding_events"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.TextField(blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    objects = FindingEventQuerySet.as_manager()

    class Meta:
        ordering = ["organization_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="finding_event_number_unique"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="finding_event_at")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.finding}"


class EventSequence(models.Model):
    """The last number given to an event of an organization; its lock orders the commits."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="+"
    )
    last = models.PositiveBigIntegerField(default=0)
    account_event = models.PositiveBigIntegerField(
        default=0,
        help_text="The last change of an account after which stored evidence was judged again.",
    )

    def __str__(self) -> str:
        return f"{self.organization}: {self.last}"
