import random
from dataclasses import replace

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.services.webhook_deliveries import messages_due
from findings.services.webhook_feed import webhooks_follow
from workers.outgoing_client import process_client
from workers.tasks.organizations import each
from workers.webhooks import message_send

UNTIL_NEXT_TICK = 60
"""Seconds after which a message is worth nothing: by then it is sent again."""
LARGEST_ANSWER = 65_536
"""Bytes; nothing is done with what an endpoint answers."""


@shared_task
def tick() -> None:
    """Make messages of what happened, and have those sent whose time has come."""
    owners = Organization.objects.exclude(webhooks=None).distinct()
    each(owners, "webhooks", _follow)
    for message_id in messages_due(now=timezone.now()):
        send.apply_async((message_id,), expires=UNTIL_NEXT_TICK)


def _follow(organization: Organization) -> None:
    while webhooks_follow(organization=organization, now=timezone.now()):
        pass


@shared_task
def send(message_id: int) -> None:
    """One attempt to deliver a message; what another task has or has done is left alone."""
    message_send(
        message_id=message_id,
        client=replace(process_client(), largest_answer=LARGEST_ANSWER),
        clock=timezone.now,
        chance=random.random(),  # noqa: S311
    )
