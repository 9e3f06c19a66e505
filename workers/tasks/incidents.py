from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.checks.base import built_in
from findings.models import ActionItem
from findings.services.action_item_tickets import tickets_follow
from findings.services.action_items import action_item_overdue
from findings.services.guard_following import guards_due, guards_follow


@shared_task
def follow_guards() -> None:
    """Let tickets and scans that ended decide about action items, and tell which are overdue.

    Whatever is left waits for the next tick.
    """
    for organization in Organization.objects.all():
        while tickets_follow(organization=organization):
            pass
    now = timezone.now()
    for organization in Organization.objects.filter(pk__in=guards_due(now)):
        guards_follow(organization=organization, registry=built_in(), now=now)
    for item in ActionItem.objects.overdue(now).filter(overdue_at=None):
        action_item_overdue(item=item, now=now)
