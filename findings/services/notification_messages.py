"""Messages to people and teams: gathered, claimed, written, sent, tried again, given up.

What is due for one subscriber by one channel goes into one message, and two messages keep a
distance: a storm is one message with counts. What a message says is decided when it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Organization
from accounts.services.audit import audit_record
from findings.models import (
    Notice,
    Notification,
    NotificationMessage,
    Scan,
    Subscriber,
)
from findings.notifying.events import Channel
from findings.notifying.letters import Letter, mail_subject
from findings.notifying.timing import SCAN_PATIENCE, SPACING
from findings.selectors.concerns import withheld_of
from findings.selectors.notifications import channels_open
from findings.services.leases import due, following, free, lease_take, let_go
from findings.services.notification_letters import (
    letter_of,
    letter_of_test,
    notice_told,
    settings_path,
)
from findings.services.nudges import nudge_on_commit
from findings.services.subscribers import require_choice
from findings.services.webhook_feed import SEND as SEND_WEBHOOK
from findings.services.webhook_feed import message_of

BATCH = 500
SEND = "workers.tasks.notifications.send"
WEBHOOK_TYPE = "notification"
MOST_IN_A_WEBHOOK = 100
TESTS_APART = timedelta(minutes=1)
Status = NotificationMessage.Status


class NotificationRefused(ValueError):
    """It cannot be sent as things stand; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message under its lease, with what it says now."""

    message: NotificationMessage
    letter: Letter
    notices: Sequence[Notice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: without an error it was taken. ``is_final``: trying again is vain."""

    error: str = ""
    is_final: bool = False
    retry_after: timedelta | None = None


# --- Gathering ---


def messages_gather(*, now: datetime) -> int:
    """Make messages of the notifications that are due; how many."""
    waiting = Notification.objects.filter(
        status=Notification.Status.WAITING, message=None, not_before__lte=now
    )
    # what a scan sees is told when it has ended
    scanning = Q(notice__scan__in=Scan.objects.live(), notice__made_at__gt=now - SCAN_PATIENCE)
    ready = waiting.exclude(scanning)
    groups = ready.order_by().values_list("subscriber", "notice__organization", "channel")
    return sum(
        _gather(ready, subscriber, organization, channel, now)
        for subscriber, organization, channel in sorted(groups.distinct())
    )


@transaction.atomic
def _gather(
    ready: QuerySet[Notification],
    subscriber: int,
    organization: int,
    channel: str,
    now: datetime,
) -> bool:
    to = {"subscriber_id": subscriber, "organization_id": organization, "channel": channel}
    # the lock keeps two workers from making a message each
    list(Subscriber.objects.select_for_update().filter(pk=subscriber))
    before = NotificationMessage.objects.filter(**to, is_test=False)
    if before.filter(created_at__gt=now - SPACING).exists():
        return False
    message = NotificationMessage.objects.create(
        **to, created_at=now, changed_at=now, not_before=now
    )
    rows = ready.filter(subscriber=subscriber, notice__organization=organization, channel=channel)
    if not rows.update(message=message):
        message.delete()
        return False
    return True


# --- Sending ---


def messages_due(*, now: datetime) -> list[int]:
    """Those whose time has come and that nobody is sending, the longest waiting first."""
    rows = due(NotificationMessage.objects.all(), now).order_by("not_before", "id")
    return list(rows.values_list("pk", flat=True)[:BATCH])


def message_claim(*, message_id: int, now: datetime) -> Parcel | None:
    """The message under a lease; None where it is not due, or nothing of it is to be told now."""
    if not lease_take(NotificationMessage.objects.filter(pk=message_id), now=now):
        return None
    related = ("subscriber__user", "subscriber__team", "subscriber__webhook__owner", "organization")
    message = NotificationMessage.objects.select_related(*related).get(pk=message_id)
    subscriber = message.subscriber
    notices = _told(message, now)
    is_open = Channel(message.channel) in channels_open(subscriber, message.organization)
    is_active = subscriber.user is None or subscriber.user.is_active
    if not is_open or not is_active or not (notices or message.is_test):
        _withhold(message, now)
        return None
    zone, path = subscriber.zone(message.organization), settings_path(subscriber)
    letter = (
        letter_of_test(organization=message.organization, zone=zone, now=now, path=path)
        if message.is_test
        else letter_of(notices, organization=message.organization, zone=zone, path=path)
    )
    return Parcel(message=message, letter=letter, notices=notices)


def _told(message: NotificationMessage, now: datetime) -> list[Notice]:
    """What of it may still be told; the rest is withheld for good."""
    withheld = sorted(withheld_of(message, now=now))
    for start in range(0, len(withheld), BATCH):
        part = message.notifications.filter(notice__in=withheld[start : start + BATCH])
        part.update(status=Notification.Status.WITHHELD)
    rows = message.notifications.exclude(status=Notification.Status.WITHHELD)
    return [row.notice for row in rows.select_related("notice").order_by("pk")]


@transaction.atomic
def _withhold(message: NotificationMessage, now: datetime) -> None:
    if let_go(message, status=Status.WITHHELD, changed_at=now):
        waiting = message.notifications.filter(status=Notification.Status.WAITING)
        waiting.update(status=Notification.Status.WITHHELD)


@transaction.atomic
def message_record(*, parcel: Parcel, outcome: Outcome, chance: float, now: datetime) -> bool:
    """Keep how an attempt ended and decide what follows; False where the lease was lost."""
    message, number = parcel.message, parcel.message.attempts + 1
    if outcome.error:
        status, wait = following(
            number,
            is_final=outcome.is_final,
            retry_after=outcome.retry_after,
            chance=chance,
        )
        return let_go(
            message,
            status=status,
            attempts=number,
            not_before=now + wait,
            last_error=outcome.error,
            changed_at=now,
        )
    sent = let_go(
        message,
        status=Status.DELIVERED,
        attempts=number,
        subject=mail_subject(parcel.letter),
        told=len(parcel.notices),
        last_error="",
        sent_at=now,
        changed_at=now,
    )
    waiting = message.notifications.filter(status=Notification.Status.WAITING)
    return sent and waiting.update(status=Notification.Status.TOLD) >= 0


@transaction.atomic
def message_hand_over(*, parcel: Parcel, now: datetime) -> None:
    """Give it to the webhook, which signs it, sends it, tries again and keeps its own log."""
    message, endpoint = parcel.message, parcel.message.subscriber.webhook
    if endpoint is None or not message_record(
        parcel=parcel, outcome=Outcome(), chance=0.0, now=now
    ):
        return
    first = parcel.notices[:MOST_IN_A_WEBHOOK]
    told = {
        "is_test": message.is_test,
        "total": len(parcel.notices),
        "events": [notice_told(notice) for notice in first],
    }
    made = message_of(
        endpoint,
        event=f"{WEBHOOK_TYPE}:{message.uid}",
        kind=WEBHOOK_TYPE,
        at=now,
        told=told,
        now=now,
        notification=message,
    )
    made.save(force_insert=True)
    nudge_on_commit(SEND_WEBHOOK, made.pk)


# --- What people ask for ---


@transaction.atomic
def notification_test(
    *,
    actor: User,
    subscriber: Subscriber,
    organization: Organization | None,
    channel: Channel,
    now: datetime,
) -> NotificationMessage:
    """Have a message sent that tells of nothing. Raises NotificationRefused, ValidationError."""
    require_choice(actor, subscriber)
    if organization is None or channel not in channels_open(subscriber, organization):
        raise ValidationError({"channel": f"{channel.label} is not set up."})
    to = {"subscriber": subscriber, "channel": channel.value}
    tests = NotificationMessage.objects.filter(**to, is_test=True)
    if tests.filter(created_at__gt=now - TESTS_APART).exists():
        raise NotificationRefused("A test was asked for within the last minute.")
    made = NotificationMessage.objects.create(
        **to,
        organization=organization,
        is_test=True,
        created_at=now,
        changed_at=now,
        not_before=now,
    )
    nudge_on_commit(SEND, made.pk)
    return made


@transaction.atomic
def notification_replay(
    *, actor: User, message: NotificationMessage, now: datetime
) -> NotificationMessage:
    """Send again what was given up. Raises NotificationRefused."""
    require_choice(actor, message.subscriber)
    dead = NotificationMessage.objects.filter(free(now), pk=message.pk, status=Status.DEAD)
    if not dead.update(status=Status.WAITING, attempts=0, not_before=now, changed_at=now):
        raise NotificationRefused("Only what was given up is sent again.")
    audit_record(
        actor=actor,
        action="notifications.replay",
        target=message,
        before={"status": Status.DEAD.value},
        after={"status": Status.WAITING.value},
        now=now,
    )
    nudge_on_commit(SEND, message.pk)
    message.refresh_from_db()
    return message
