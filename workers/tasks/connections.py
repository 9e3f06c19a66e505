from celery import shared_task
from django.utils import timezone

from findings.services.connection_trials import trial_claim
from workers.connection_trials import trial_run


@shared_task
def try_out(trial_id: int) -> None:
    """Try a connection; what another task has or has done is left alone."""
    trial = trial_claim(trial_id=trial_id, now=timezone.now())
    if trial is not None:
        trial_run(trial=trial, clock=timezone.now)
