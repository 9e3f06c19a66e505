"""Jobs of AWS from being asked for to their end: claims, and what a claim's owner found out.

A claim is a conditional UPDATE with a token and a lease; whoever writes afterwards shows the token,
so an owner that came back late writes nothing. What nobody ended by its lease is claimed anew.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from accounts.models import Account
from findings.models import AwsJob, AwsJobSettings
from findings.services.places import place_lock

LEASE = timedelta(minutes=5)
"""Longer than one call of AWS with all its retries."""
AT_ONCE = 2
"""How many of a kind AWS works on at once in a region: drift detection reads every resource."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)
PATIENCE = timedelta(days=1)
"""After so long a job that did not start, or did not end, has failed."""
DUE_AT_ONCE = 100
State = AwsJob.State


def jobs_due(*, now: datetime) -> list[int]:
    """Jobs to start or to look at, those that wait longest first."""
    due = AwsJob.objects.claimable(now).order_by("next_poll_at", "id")
    return list(due.values_list("id", flat=True)[:DUE_AT_ONCE])


@transaction.atomic
def job_claim(*, job_id: int, now: datetime) -> AwsJob | None:
    """Take a job that is due; None when it is taken, has ended, or may not start now."""
    found = AwsJob.objects.claimable(now).filter(pk=job_id).first()
    if found is None:
        return None
    place_lock(account_id=found.account_id, region=found.region)
    if found.state == State.ASKED and not _may_start(found, now):
        return None
    claimed = AwsJob.objects.claimable(now).filter(pk=job_id, state=found.state)
    taken = claimed.update(token=uuid.uuid4(), lease_until=now + LEASE, attempts=F("attempts") + 1)
    if not taken:
        return None
    return AwsJob.objects.select_related("account__organization").get(pk=job_id)


def _may_start(job: AwsJob, now: datetime) -> bool:
    """Whether it is still wanted, and its region is not busy."""
    waiting = AwsJob.objects.claimable(now).filter(pk=job.pk, state=State.ASKED)
    if not _is_wanted(job):
        why = "Jobs of this kind were switched off, or the account is no longer scanned."
        waiting.update(
            state=State.CANCELLED, finished_at=now, error=why, token=None, lease_until=None
        )
        return False
    in_region = AwsJob.objects.live().filter(
        account=job.account_id, region=job.region, kind=job.kind
    )
    is_under_way = Q(state=State.RUNNING) | Q(lease_until__gt=now)
    if in_region.filter(is_under_way).exclude(pk=job.pk).count() >= AT_ONCE:
        waiting.update(next_poll_at=now + FIRST_WAIT)
        return False
    return True


def _is_wanted(job: AwsJob) -> bool:
    settings = AwsJobSettings.objects.filter(organization=job.organization_id).first()
    is_on = settings is not None and settings.interval(job.kind) is not None
    return is_on and Account.objects.scannable().filter(pk=job.account_id).exists()


def job_started(*, job: AwsJob, aws_id: str, now: datetime) -> bool:
    """AWS has begun: the id by which it is looked at."""
    return _write(
        job,
        state=State.RUNNING,
        started_at=now,
        aws_id=aws_id,
        attempts=0,
        next_poll_at=now + FIRST_WAIT,
        operation="",
        reason="",
        error="",
    )


def job_running(*, job: AwsJob, now: datetime) -> bool:
    """AWS is still at it: look again, after a longer while each time."""
    if _is_out_of_patience(job, now):
        return job_failed(
            job=job, operation="", reason="timed_out", error="It did not end in a day.", now=now
        )
    return _write(job, next_poll_at=_next(job, now), operation="", reason="", error="")


def job_finished(*, job: AwsJob, now: datetime) -> bool:
    return _write(job, state=State.FINISHED, finished_at=now, operation="", reason="", error="")


def job_failed(*, job: AwsJob, operation: str, reason: str, error: str, now: datetime) -> bool:
    told = {"operation": operation, "reason": reason, "error": error}
    return _write(job, state=State.FAILED, finished_at=now, **told)


def job_denied(*, job: AwsJob, operation: str, reason: str, error: str, now: datetime) -> bool:
    """Nobody tries again before the interval is over: a policy does not change by asking."""
    told = {"operation": operation, "reason": reason, "error": error}
    return _write(job, state=State.DENIED, finished_at=now, **told)


def job_put_off(*, job: AwsJob, operation: str, reason: str, error: str, now: datetime) -> bool:
    """Something was in the way that may pass: try again later, for a day."""
    if _is_out_of_patience(job, now):
        return job_failed(job=job, operation=operation, reason=reason, error=error, now=now)
    told = {"operation": operation, "reason": reason, "error": error}
    return _write(job, next_poll_at=_next(job, now), **told)


def _is_out_of_patience(job: AwsJob, now: datetime) -> bool:
    return now - (job.started_at or job.asked_at) >= PATIENCE


def _next(job: AwsJob, now: datetime) -> datetime:
    doublings = min(job.attempts - 1, 10)
    return now + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _write(job: AwsJob, **fields: Any) -> bool:
    """Give the claim back with what was found; False when somebody else has it by now."""
    mine = AwsJob.objects.live().filter(pk=job.pk, token=job.token)
    return bool(mine.update(token=None, lease_until=None, **fields))
