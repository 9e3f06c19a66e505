import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.checks.base import built_in
from findings.services.suppression_follow import suppressions_follow, suppressions_renew

logger = logging.getLogger(__name__)


@shared_task
def follow() -> None:
    """Take up what happened to findings and accounts, and what time has ended."""
    _each(suppressions_follow)


@shared_task
def renew() -> None:
    """Look at every suppression again, whatever the events said."""
    _each(suppressions_renew)


def _each(service: Callable[..., Any]) -> None:
    """One organization after another; the failure of one is none of the others."""
    for organization in Organization.objects.all():
        try:
            service(organization=organization, registry=built_in(), now=timezone.now())
        except Exception:
            logger.exception("suppressions of %s", organization)
