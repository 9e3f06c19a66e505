import logging

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from accounts.services.organization_sync import SnapshotRefused
from workers.access import process_hub
from workers.aws.sessions import AccessError
from workers.synchronizing import organization_synchronize

logger = logging.getLogger(__name__)


@shared_task
def sync_organization(organization_id: int) -> None:
    """Read the organization from AWS; what went wrong is kept with it."""
    organization = Organization.objects.get(pk=organization_id)
    try:
        organization_synchronize(organization=organization, hub=process_hub(), now=timezone.now())
    except (AccessError, SnapshotRefused) as error:
        logger.warning("%s was not synchronized: %s", organization, error)
