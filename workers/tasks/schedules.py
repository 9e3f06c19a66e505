from celery import shared_task
from django.utils import timezone

from findings.services.schedules import schedules_run


@shared_task
def tick() -> None:
    """Start the scans that are due."""
    schedules_run(now=timezone.now())
