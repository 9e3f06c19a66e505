"""Requests that a caller may send twice and that change something once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import AnsweredRequest, ApiToken

LEASE = timedelta(minutes=2)
"""Longer than a request may take; after it an attempt counts as dead."""


class KeyTaken(ValueError):
    """The key was used for another request."""


class KeyInFlight(ValueError):
    """The first request of this key is still being worked on, until ``lease_until`` at most."""


class ClaimLost(RuntimeError):
    """Another attempt has taken the request over: what this one did must be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered; ``body`` is None when it held a secret."""

    status: int
    headers: dict[str, str]
    body: str | None


@transaction.atomic
def request_claim(
    *, user: User, token: ApiToken | None, key: str, request_sha256: str, now: datetime
) -> AnsweredRequest:
    """The request of a key: ``status`` is set when it was answered, else it is the caller's to do.

    Raises :class:`KeyTaken`, :class:`KeyInFlight`. Commit it before the work begins.
    """
    of_caller = AnsweredRequest.objects.filter(user=user, token=token, key=key)
    of_caller.forgotten(now).delete()
    asked = AnsweredRequest(
        user=user,
        token=token,
        key=key,
        request_sha256=request_sha256,
        claimed_at=now,
        lease_until=now + LEASE,
    )
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        return _known(of_caller.get(), request_sha256, now)
    return asked


def _known(held: AnsweredRequest, request_sha256: str, now: datetime) -> AnsweredRequest:
    if held.request_sha256 != request_sha256:
        raise KeyTaken("This Idempotency-Key was used for another request. Take a new one.")
    if held.status is not None:
        return held
    claim = uuid.uuid4()
    left = Q(pk=held.pk, claim=held.claim, status=None, lease_until__lte=now)
    values = {"claim": claim, "claimed_at": now, "lease_until": now + LEASE}
    if not AnsweredRequest.objects.filter(left).update(**values):
        raise KeyInFlight("The first request of this Idempotency-Key is being worked on.")
    held.refresh_from_db()
    return held


def request_answer(*, asked: AnsweredRequest, answer: Answer) -> None:
    """Store the answer; in the transaction of what was changed. Raises :class:`ClaimLost`."""
    stored = AnsweredRequest.objects.filter(pk=asked.pk, claim=asked.claim, status=None).update(
        status=answer.status, headers=answer.headers, body=answer.body
    )
    if not stored:
        raise ClaimLost(f"{asked} was taken over by another attempt.")


def request_release(*, asked: AnsweredRequest) -> None:
    """Nothing was changed: the key may be used again."""
    AnsweredRequest.objects.filter(pk=asked.pk, claim=asked.claim, status=None).delete()
