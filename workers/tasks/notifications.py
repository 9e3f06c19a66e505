import random
from dataclasses import replace

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.services.notification_feed import notifications_follow
from findings.services.notification_messages import messages_due, messages_gather
from workers.notifications import message_send
from workers.outgoing_client import process_client
from workers.tasks.organizations import each

UNTIL_NEXT_TICK = 60
"""Seconds after which a message is worth nothing: by then it is sent again."""
LARGEST_ANSWER = 65_536
"""Bytes; of what Slack answers only a word is read."""


@shared_task
def tick() -> None:
    """Notice what happened, make messages of what is due, and have them sent."""
    each(Organization.objects.all(), "notifications", _follow)
    messages_gather(now=timezone.now())
    for message_id in messages_due(now=timezone.now()):
        send.apply_async((message_id,), expires=UNTIL_NEXT_TICK)


def _follow(organization: Organization) -> None:
    while notifications_follow(organization=organization, now=timezone.now()):
        pass


@shared_task
def send(message_id: int) -> None:
    """One attempt to send a message; what another task has or has done is left alone."""
    message_send(
        message_id=message_id,
        client=replace(process_client(), largest_answer=LARGEST_ANSWER),
        clock=timezone.now,
        chance=random.random(),  # noqa: S311
    )
