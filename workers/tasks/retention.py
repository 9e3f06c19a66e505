import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from findings.services.exports import exports_expire
from findings.services.retention import retention_sweep

logger = logging.getLogger(__name__)


@shared_task
def sweep_all() -> None:
    """Delete what is kept long enough."""
    days, now = settings.RETENTION_DAYS, timezone.now()
    gone = retention_sweep(days=days, now=now)
    gone["export"] = exports_expire(
        directory=settings.HOME / "exports", days=days["export"], rows_days=days["job"], now=now
    )
    logger.info("retention: %s", gone)
