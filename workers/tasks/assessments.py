from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.checks.base import built_in
from findings.services.reassessments import reassess
from findings.services.reassessments import reassess_due as due_again
from findings.services.scan_end import account_assess, organization_assess


@shared_task
def assess_account(scan_account_id: int) -> None:
    account_assess(scan_account_id=scan_account_id, registry=built_in(), now=timezone.now())


@shared_task
def assess_organization(scan_id: int) -> None:
    organization_assess(scan_id=scan_id, registry=built_in(), now=timezone.now())


@shared_task
def reassess_organization(organization_id: int) -> None:
    """Judge stored evidence again after a change of parameters, checks or accounts."""
    organization = Organization.objects.get(pk=organization_id)
    reassess(organization=organization, registry=built_in(), now=timezone.now())


@shared_task
def reassess_due() -> None:
    """Judge stored evidence again where time alone may have changed an outcome."""
    due_again(registry=built_in(), now=timezone.now())
