from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.checks.base import built_in
from findings.services.suppression_follow import suppressions_follow, suppressions_renew
from workers.tasks.organizations import each


@shared_task
def follow() -> None:
    """Take up what happened to findings and accounts, and what time has ended."""
    _each(suppressions_follow)


@shared_task
def renew() -> None:
    """Look at every suppression again, whatever the events said."""
    _each(suppressions_renew)


def _each(service: Callable[..., Any]) -> None:
    def work(organization: Organization) -> None:
        service(organization=organization, registry=built_in(), now=timezone.now())

    each(Organization.objects.all(), "suppressions", work)
