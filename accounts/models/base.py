from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.core.exceptions import ValidationError
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


def require_same_organization(row: models.Model, names: Iterable[str]) -> None:
    """Raise ValidationError for each related object that is of another organization than the row.

    For ``clean``: no constraint of the database reaches over two tables.
    """
    errors = {}
    for name in names:
        part = getattr(row, name, None)
        if part and part.organization_id != getattr(row, "organization_id", None):
            errors[name] = f"{part} is not part of the chosen organization."
    if errors:
        raise ValidationError(errors)
