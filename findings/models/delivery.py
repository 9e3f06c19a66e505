"""What messages of every kind share: when they are due, who is sending them, how they ended."""

from __future__ import annotations

from django.db import models

from accounts.models.base import Identified


class Delivery(Identified):
    """A message on its way. Whoever sends it holds its lease; the token says who that is."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        DEAD = "dead", "Given up; may be replayed"
        WITHHELD = "withheld", "Not sent: what it is about is no longer seen, or not wanted"

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Since it was made or replayed."
    )
    not_before = models.DateTimeField()
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
