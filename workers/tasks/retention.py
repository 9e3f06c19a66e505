import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from findings.services.retention import retention_sweep

logger = logging.getLogger(__name__)


@shared_task
def sweep_all() -> None:
    """Delete what is kept long enough."""
    gone = retention_sweep(days=settings.RETENTION_DAYS, now=timezone.now())
    logger.info("retention: %s", gone)
