from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.checks.base import built_in
from findings.services.guard_following import guards_due, guards_follow


@shared_task
def follow_guards() -> None:
    """Let scans that ended decide about action items; whatever is left waits for the next tick."""
    now = timezone.now()
    for organization in Organization.objects.filter(pk__in=guards_due(now)):
        guards_follow(organization=organization, registry=built_in(), now=now)
