"""What the tests of notices measure in, and ask of messages."""

import datetime as dt

from findings.models import (
    Notification,
)
from findings.services.notification_messages import message_claim
from tests.factories.accounts import (
    NOW,
)

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
OPENED = "finding.opened"


def told(message, now=NOW):
    """What a message says when it is sent, or None where nothing of it is told."""
    parcel = message_claim(message_id=message.pk, now=now)
    return parcel and parcel.letter


def recipients():
    return set(Notification.objects.values_list("subscriber__user__username", flat=True))
