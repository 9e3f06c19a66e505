import logging

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.checks.base import built_in
from findings.services.scorecards import scorecards_snapshot
from workers.tasks.organizations import each

logger = logging.getLogger(__name__)


@shared_task
def snapshot_all() -> None:
    """Bring the snapshots of the running day up to date, organization by organization."""
    each(Organization.objects.all(), "scorecards", _snapshot)


def _snapshot(organization: Organization) -> None:
    changed = scorecards_snapshot(
        organization=organization, registry=built_in(), now=timezone.now()
    )
    logger.info("scorecards of %s: %d rows changed", organization, changed)
