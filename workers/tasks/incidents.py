from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.checks.base import built_in
from findings.models import ActionItem
from findings.services.action_item_tickets import tickets_follow
from findings.services.action_items import action_item_overdue
from findings.services.guard_following import guards_due, guards_follow
from workers.tasks.organizations import each


@shared_task
def follow_guards() -> None:
    """Let tickets and scans that ended decide about action items, and tell which are overdue.

    Whatever is left waits for the next tick.
    """
    each(Organization.objects.all(), "tickets of action items", _follow_tickets)
    now = timezone.now()
    each(Organization.objects.filter(pk__in=guards_due(now)), "guards", _follow_guards)
    for item in ActionItem.objects.overdue(now).filter(overdue_at=None):
        action_item_overdue(item=item, now=now)


def _follow_tickets(organization: Organization) -> None:
    while tickets_follow(organization=organization):
        pass


def _follow_guards(organization: Organization) -> None:
    guards_follow(organization=organization, registry=built_in(), now=timezone.now())
