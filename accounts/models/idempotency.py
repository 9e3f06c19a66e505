from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from accounts.models.token import ApiToken

if TYPE_CHECKING:
    from typing import Self

KEPT = timedelta(hours=24)
"""How long a key is known after its first use."""


class AnsweredRequestQuerySet(models.QuerySet["AnsweredRequest"]):
    def forgotten(self, now: datetime) -> Self:
        return self.filter(claimed_at__lte=now - KEPT)


class AnsweredRequest(models.Model):
    """A request that carried an Idempotency-Key, and its answer once there is one.

    Until then ``claim`` names the attempt that works on it, up to ``lease_until``: when the attempt
    died, another takes it over. The answer is stored in the transaction of what it changed.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    token = models.ForeignKey(ApiToken, models.CASCADE, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    claim = models.UUIDField(default=uuid.uuid4)
    claimed_at = models.DateTimeField(db_index=True)
    lease_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    body = models.TextField(null=True, blank=True, help_text="Null: it held a secret.")  # noqa: DJ001 - "" is an answer

    objects = AnsweredRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                F("user"),
                Coalesce(F("token"), Value(0)),
                F("key"),
                name="answered_request_unique_for_caller_and_key",
            ),
            models.CheckConstraint(
                condition=Q(status__isnull=False) | Q(body=None),
                name="answered_request_body_needs_a_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.user}"
