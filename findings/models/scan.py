from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Account, Organization
from accounts.models.base import Identified
from accounts.models.reach import reach_of
from findings.models.evidence import CheckSet, Manifest, RegionState

if TYPE_CHECKING:
    from typing import Self


_LIVE = ("queued", "running", "assessing")


class ScanQuerySet(models.QuerySet["Scan"]):
    def live(self) -> Self:
        return self.filter(state__in=Scan.LIVE)

    def ended(self) -> Self:
        return self.exclude(state__in=Scan.LIVE)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Scans of an organization that the person sees as a whole, or of an account of theirs.

        Also those they asked for, except through a limited token.
        """
        reach = reach_of(user)
        if reach.everything:
            return self.all()
        condition = reach.on_whole_organizations("organization")
        if not reach.is_undivided:
            accounts = ScanAccount.objects.filter(scan=OuterRef("pk"))
            condition |= Q(Exists(accounts.visible_to(user)))
        if reach.limit is None:
            condition |= Q(requested_by=user.pk, requested_by__isnull=False)
        return self.filter(condition)


class Scan(Identified):
    """One planned run over accounts and regions of an organization."""

    class Kind(models.TextChoices):
        FULL = "full"
        TARGETED = "targeted"

    class Trigger(models.TextChoices):
        PERSON = "person"
        API = "api", "API"
        SCHEDULE = "schedule"
        COMMAND = "command"
        RETRY = "retry"
        CLAIM = "claim", "Claimed fix"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        ASSESSING = "assessing"
        FINISHED = "finished"
        PARTIAL = "partial"
        FAILED = "failed"
        CANCELLED = "cancelled"

    LIVE = (State.QUEUED, State.RUNNING, State.ASSESSING)

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="scans")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    trigger = models.CharField(max_length=16, choices=Trigger.choices)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="scans"
    )
    retry_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="retries"
    )
    selection = models.JSONField(default=dict, blank=True, help_text="Empty: everything.")
    check_set = models.ForeignKey(CheckSet, models.PROTECT, related_name="scans")
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    error = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="A task has said it assesses the organization until then."
    )
    # filled in when the scan ends; until then progress is counted from the shards
    collected_shards = models.PositiveIntegerField(default=0)
    partial_shards = models.PositiveIntegerField(default=0)
    failed_shards = models.PositiveIntegerField(default=0)
    out_of_scope_shards = models.PositiveIntegerField(default=0)
    api_calls = models.PositiveIntegerField(default=0)
    facts = models.PositiveIntegerField(default=0)
    gaps = models.JSONField(default=dict, blank=True, help_text="Gaps by reason.")
    results = models.JSONField(
        default=dict, blank=True, help_text="Row -> status -> number of results, when it ended."
    )
    open_findings = models.JSONField(
        default=dict, blank=True, help_text="Severity -> open findings, when it ended."
    )
    digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 over the manifests of the shards."
    )

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(kind="full", state__in=_LIVE),
                name="scan_one_live_full_per_organization",
                violation_error_message="A full scan of this organization is under way already.",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, state__in=_LIVE)
                | Q(finished_at__isnull=False) & ~Q(state__in=_LIVE),
                name="scan_has_an_end_when_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state"], name="scan_organization_state"),
            models.Index(fields=["finished_at"], name="scan_finished_at"),
        ]

    def __str__(self) -> str:
        return (
            f"{self.get_kind_display()} scan of {self.organization}, {self.requested_at:%F %H:%M}"
        )

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class ScanAccountQuerySet(models.QuerySet["ScanAccount"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class ScanAccount(models.Model):
    """One account in a scan: what one collecting task works through."""

    class State(models.TextChoices):
        PENDING = "pending"
        COLLECTING = "collecting"
        ASSESSING = "assessing"
        ENDED = "ended"
        CANCELLED = "cancelled"

    scan = models.ForeignKey(Scan, models.CASCADE, related_name="scan_accounts")
    account = models.ForeignKey(Account, models.PROTECT, related_name="scan_accounts")
    position = models.PositiveIntegerField(help_text="Its place in the order of the scan.")
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    finds_regions = models.BooleanField(
        default=False, help_text="Its regions become known when the account answers."
    )
    is_baseline = models.BooleanField(default=False, help_text="The account's first scan.")
    access = models.CharField(
        max_length=32, blank=True, help_text="Why the account could not be entered."
    )
    error = models.TextField(blank=True)
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="A task has said it works on the account until then."
    )

    objects = ScanAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-scan_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["scan", "account"], name="scan_account_unique"),
        ]
        indexes = [
            models.Index(
                fields=["state", "lease_until"],
                condition=Q(state__in=("pending", "collecting", "assessing")),
                name="scan_account_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} in {self.scan}"


class ShardQuerySet(models.QuerySet["Shard"]):
    def open(self) -> Self:
        """Not ended: waiting, or being collected."""
        return self.filter(state__in=Shard.OPEN)

    def claimable(self, now: datetime) -> Self:
        """Waiting, or left behind by an owner whose lease has run out."""
        return self.filter(
            Q(state=Shard.State.PENDING) | Q(state=Shard.State.COLLECTING, lease_until__lte=now)
        )

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class Shard(models.Model):
    """The unit of a scan: one account in one region, or in ``aws-global``/``aws-organization``."""

    class State(models.TextChoices):
        PENDING = "pending"
        COLLECTING = "collecting"
        COLLECTED = "collected"
        PARTIAL = "partial"
        FAILED = "failed"
        OUT_OF_SCOPE = "out_of_scope"
        CANCELLED = "cancelled"

    OPEN = (State.PENDING, State.COLLECTING)

    scan = models.ForeignKey(Scan, models.CASCADE, related_name="shards")
    account = models.ForeignKey(Account, models.PROTECT, related_name="shards")
    region = models.CharField(max_length=32)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    region_state = models.CharField(
        max_length=20, choices=RegionState.State.choices, blank=True, editable=False
    )
    manifest = models.ForeignKey(
        Manifest, models.PROTECT, null=True, blank=True, related_name="shards"
    )
    error = models.TextField(blank=True)
    collected_from = models.DateTimeField(
        null=True, blank=True, help_text="Before the first call: no fact is older."
    )
    collected_at = models.DateTimeField(null=True, blank=True)
    api_calls = models.PositiveIntegerField(default=0)
    facts = models.PositiveIntegerField(default=0)
    gaps = models.JSONField(default=dict, blank=True, help_text="Gaps by reason.")

    objects = ShardQuerySet.as_manager()

    class Meta:
        ordering = ["-scan_id", "account_id", "region"]
        constraints = [
            models.UniqueConstraint(
                fields=["scan", "account", "region"], name="shard_unique_in_scan"
            ),
            models.CheckConstraint(
                condition=~Q(state="collecting")
                | Q(token__isnull=False, lease_until__isnull=False),
                name="shard_collecting_has_an_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["scan", "state"], name="shard_scan_state"),
            models.Index(
                F("account"),
                F("region"),
                condition=Q(state="collecting"),
                name="shard_live_claims",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.region}"
