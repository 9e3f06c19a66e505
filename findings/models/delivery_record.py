"""How accounts deliver to production: what scans have seen, kept for longer than AWS keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import F, Q

from accounts.models import Account

if TYPE_CHECKING:
    from typing import Self


class DeliveryRecordQuerySet(models.QuerySet["DeliveryRecord"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class DeliveryRecord(models.Model):
    """What is known of the deliveries of one account: since when, by source, and what is missing.

    ``sources`` maps ``SourceKind:region:name`` to ``{"since": …, "until": …}``, between which all
    changes are known. ``gaps`` are the reasons why some source could not be read last.
    """

    account = models.OneToOneField(Account, models.CASCADE, related_name="delivery_record")
    key = models.CharField(max_length=64, help_text="Digest of what it was last made of.")
    evidence_at = models.DateTimeField(help_text="When that was collected.")
    sources = models.JSONField(default=dict, blank=True)
    gaps = models.JSONField(default=list, blank=True)

    objects = DeliveryRecordQuerySet.as_manager()

    class Meta:
        ordering = ["account_id"]

    def __str__(self) -> str:
        return f"Deliveries of {self.account}"


class ProductionChangeQuerySet(models.QuerySet["ProductionChange"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))


class ProductionChange(models.Model):
    """One ended attempt to bring something to production, as ``findings.dora.Change``.

    What counted as production when it was seen stays so.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="production_changes")
    source = models.CharField(max_length=256, help_text="A key of the account's record.")
    change_id = models.CharField(max_length=128, help_text="AWS's id, such as of an execution.")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    committed_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it first failed, though a retry may have succeeded."
    )
    succeeded = models.BooleanField()
    is_rollback = models.BooleanField(default=False)

    objects = ProductionChangeQuerySet.as_manager()

    class Meta:
        ordering = ["account_id", "source", "-ended_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "source", "change_id"], name="production_change_unique"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("began_at")),
                name="production_change_does_not_end_before_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "ended_at"], name="production_change_by_end"),
        ]

    def __str__(self) -> str:
        outcome = "succeeded" if self.succeeded else "failed"
        return f"{self.change_id} of {self.source} {outcome}"
