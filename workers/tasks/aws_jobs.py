from celery import shared_task
from django.utils import timezone

from findings.services.aws_job_planning import jobs_plan
from findings.services.aws_jobs import job_claim, jobs_due
from workers.access import process_hub
from workers.aws_jobs import job_advance

UNTIL_NEXT_TICK = 300
"""Seconds after which a message is worth nothing: by then the job is sent again."""


@shared_task
def plan() -> None:
    """Ask for the jobs that are due, and have the first of them started."""
    jobs_plan(now=timezone.now())
    _send()


@shared_task
def poll() -> None:
    """Have the jobs looked at whose time has come, and those started that could not be before."""
    _send()


def _send() -> None:
    for job_id in jobs_due(now=timezone.now()):
        advance.apply_async((job_id,), expires=UNTIL_NEXT_TICK)


@shared_task
def advance(job_id: int) -> None:
    """One step of a job; what another task has or has done is left alone."""
    job = job_claim(job_id=job_id, now=timezone.now())
    if job is not None:
        job_advance(job=job, hub=process_hub())
