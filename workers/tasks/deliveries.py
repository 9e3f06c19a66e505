import logging

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.checks.base import built_in
from findings.services.delivery_records import deliveries_record
from workers.tasks.organizations import each

logger = logging.getLogger(__name__)


@shared_task
def record_all() -> None:
    """Keep what the evidence of every organization tells of deliveries to production."""
    each(Organization.objects.all(), "deliveries", _record)


@shared_task
def record(organization_id: int) -> None:
    """The same for one organization, as when its scan has ended."""
    _record(Organization.objects.get(pk=organization_id))


def _record(organization: Organization) -> None:
    changed = deliveries_record(organization=organization, registry=built_in(), now=timezone.now())
    logger.info("deliveries of %s: %d accounts changed", organization, changed)
