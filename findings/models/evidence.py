"""Evidence by content: blobs of facts, manifests of shards, and where the current ones stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User
from django.db import models

from accounts.models import Account

if TYPE_CHECKING:
    from typing import Self


class EvidenceBlob(models.Model):
    """The facts of one kind as canonical JSON, stored once whatever the scan, account or region."""

    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    body = models.BinaryField(help_text="zlib")
    created_at = models.DateTimeField()
    referred_at = models.DateTimeField(
        help_text="When a new manifest last named it; retention looks only at older ones."
    )

    class Meta:
        ordering = ["id"]
        verbose_name = "evidence blob"

    def __str__(self) -> str:
        return self.sha256[:12]


class Manifest(models.Model):
    """What a shard collected: fact kind -> hash of a blob, or gap. Stored once while unchanged."""

    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    body = models.BinaryField(help_text="zlib")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.sha256[:12]


class Observation(models.Model):
    """The volatile fields of a shard's facts: they move at every scan and are kept briefly."""

    shard = models.OneToOneField(
        "findings.Shard", models.CASCADE, primary_key=True, related_name="observation"
    )
    body = models.BinaryField(help_text="zlib")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-shard_id"]

    def __str__(self) -> str:
        return f"Observation of {self.shard}"


class CallLog(models.Model):
    """The API calls that produced a shard's facts: operation, region, request id, time, retries."""

    shard = models.OneToOneField(
        "findings.Shard", models.CASCADE, primary_key=True, related_name="call_log"
    )
    body = models.BinaryField(help_text="zlib")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-shard_id"]
        verbose_name = "call log"

    def __str__(self) -> str:
        return f"Calls of {self.shard}"


class FactHistoryQuerySet(models.QuerySet["FactHistory"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class FactHistory(models.Model):
    """What facts of one kind told of a stretch of time, kept for longer than AWS keeps it."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="fact_histories")
    region = models.CharField(max_length=32)
    kind = models.CharField(max_length=64)
    body = models.BinaryField(help_text="zlib: key of a fact -> since when, until when, and what.")
    until = models.DateTimeField(help_text="When the newest of it was collected.")

    objects = FactHistoryQuerySet.as_manager()

    class Meta:
        ordering = ["account_id", "region", "kind"]
        verbose_name = "history of facts"
        verbose_name_plural = "histories of facts"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "kind"], name="fact_history_unique"
            ),
        ]
        indexes = [models.Index(fields=["until"], name="fact_history_by_end")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account} {self.region}"


class CheckSet(models.Model):
    """Which checks, in which versions and with which parameters; stored once."""

    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    body = models.JSONField(help_text="Check id -> version, or version and digest of parameters.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = "check set"

    def __str__(self) -> str:
        return f"{len(self.body)} checks ({self.sha256[:12]})"


class RetentionMark(models.Model):
    """Of a kind of rows: what is older than an instant may have been deleted."""

    kind = models.CharField(max_length=16, unique=True)
    before = models.DateTimeField()

    class Meta:
        ordering = ["kind"]

    def __str__(self) -> str:
        return f"{self.kind} before {self.before:%Y-%m-%d %H:%M}"


class RegionStateQuerySet(models.QuerySet["RegionState"]):
    def in_scope(self) -> Self:
        return self.filter(state__in=RegionState.IN_SCOPE)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class RegionState(models.Model):
    """A region of an account as it stands: in scope or not, and which shard each fact kind is from.

    Its row is what everything that changes the place locks first.
    """

    class State(models.TextChoices):
        ENABLED = "enabled"
        OPTED_OUT = "opted_out"
        DENIED_BY_POLICY = "denied_by_policy"
        EXCLUDED = "excluded"
        UNREACHABLE = "unreachable"

    IN_SCOPE = (State.ENABLED, State.UNREACHABLE)

    account = models.ForeignKey(Account, models.CASCADE, related_name="regions")
    region = models.CharField(max_length=32)
    state = models.CharField(max_length=20, choices=State.choices, default=State.ENABLED)
    since = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    sources = models.JSONField(
        default=dict, blank=True, help_text="Shard id -> fact kinds whose current evidence it is."
    )

    objects = RegionStateQuerySet.as_manager()

    class Meta:
        ordering = ["account_id", "region"]
        constraints = [
            models.UniqueConstraint(fields=["account", "region"], name="region_state_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.region}: {self.get_state_display()}"
