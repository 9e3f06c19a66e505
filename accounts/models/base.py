from __future__ import annotations

import uuid

from django.db import models
from uuid_utils import compat


def uuid7() -> uuid.UUID:
    """A UUID that grows with time (RFC 9562, version 7)."""
    return compat.uuid7()


class Identified(models.Model):
    """An integer inside, for joins; a ``uid`` outside, for URLs and the API."""

    uid = models.UUIDField(default=uuid7, editable=False, unique=True)

    class Meta:
        abstract = True
