"""Messages on their way: taken by one worker at a time, tried again after a while, given up."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from findings.models.delivery import Delivery
from findings.ticketing.retry_plan import wait_before

LEASE = timedelta(minutes=2)
"""Longer than a call may take."""
Status = Delivery.Status


def free(now: datetime) -> Q:
    """Nobody is sending it, or whoever was is gone."""
    return Q(lease_until=None) | Q(lease_until__lte=now)


def due(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    return rows.filter(free(now), status=Status.WAITING, not_before__lte=now)


def lease_take(rows: QuerySet[Any], *, now: datetime) -> bool:
    """Whether the one due message among the rows is now the caller's."""
    taken = due(rows, now).update(lease_token=uuid.uuid4(), lease_until=now + LEASE)
    return bool(taken)


def held(message: Delivery) -> QuerySet[Any]:
    """The message, while its lease is the caller's."""
    rows: QuerySet[Any] = type(message)._default_manager.all()
    return rows.filter(pk=message.pk, lease_token=message.lease_token)


def let_go(message: Delivery, **changes: object) -> bool:
    """Write how it ended and give the lease back; False where it was lost."""
    return bool(held(message).update(lease_token=None, lease_until=None, **changes))


def following(
    number: int, *, is_final: bool, retry_after: timedelta | None, chance: float
) -> tuple[str, timedelta]:
    """After a failed attempt of this number: its status, and how long it waits."""
    wait = wait_before(number, chance=chance, retry_after=retry_after)
    if wait is None or is_final:
        return Status.DEAD, timedelta(0)
    return Status.WAITING, wait
