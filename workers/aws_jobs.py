"""One step of a job of AWS: start it, or look how far it is, and say what came of it."""

from __future__ import annotations

import logging

from django.utils import timezone

from findings.facts.base import GapReason
from findings.models import AwsJob
from findings.services.aws_jobs import (
    job_denied,
    job_failed,
    job_finished,
    job_put_off,
    job_running,
    job_started,
)
from workers.access import enter
from workers.aws.engine.door import operation_of
from workers.aws.errors import error_code, is_aws_error, reason_of
from workers.aws.jobs import Progress, Stage, job_session, look, start
from workers.aws.sessions import AccessError, Health, Hub

LONGEST_ERROR = 1000
DENIED = (GapReason.ACCESS_DENIED, GapReason.DENIED_BY_POLICY)
NO_USE = (
    GapReason.REGION_DISABLED,
    GapReason.SERVICE_NOT_AVAILABLE,
    GapReason.SUBSCRIPTION_REQUIRED,
)
PASSING = (Health.UNREACHABLE, Health.NO_CREDENTIALS)

logger = logging.getLogger(__name__)


def job_advance(*, job: AwsJob, hub: Hub) -> None:
    """Make the next call for a claimed job. A bug is kept with the job, and raised."""
    try:
        place = job_session(enter(job.account, hub), job.region)
        if job.state == AwsJob.State.ASKED:
            aws_id = start(place, job.kind, job.subject, str(job.uid))
            job_started(job=job, aws_id=aws_id, now=timezone.now())
        else:
            _keep(job, look(place, job.kind, job.aws_id))
    except AccessError as error:
        _not_entered(job, error)
    except Exception as error:
        _went_wrong(job, error)
        if reason_of(error) is None and not is_aws_error(error):
            raise


def _keep(job: AwsJob, progress: Progress) -> None:
    now = timezone.now()
    if progress.stage is Stage.RUNNING:
        job_running(job=job, now=now)
    elif progress.stage is Stage.FINISHED:
        job_finished(job=job, now=now)
    else:
        told = progress.told[:LONGEST_ERROR] or "AWS gives no reason."
        job_failed(job=job, operation=progress.operation, reason="failed", error=told, now=now)


def _not_entered(job: AwsJob, error: AccessError) -> None:
    write = job_put_off if error.health in PASSING else job_denied
    write(
        job=job,
        operation="sts:AssumeRole",
        reason=error.health.value,
        error=error.message[:LONGEST_ERROR],
        now=timezone.now(),
    )


def _went_wrong(job: AwsJob, error: Exception) -> None:
    """What AWS refuses for good ends the job; what may pass is tried again later.

    An answer that has no common meaning is one about the job: another is in progress or the stack
    is being changed, when it was to start; it is not known, when it was looked at.
    """
    reason, write = reason_of(error), job_put_off
    if reason in DENIED:
        write = job_denied
    elif reason in NO_USE or (reason is None and is_aws_error(error) and job.aws_id):
        write = job_failed
    logger.warning("%s: %s", job, error)
    write(
        job=job,
        operation=operation_of(error),
        reason=reason.value if reason else error_code(error),
        error=str(error)[:LONGEST_ERROR],
        now=timezone.now(),
    )
