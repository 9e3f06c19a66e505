"""Notices and notifications, made in the transaction that moves the cursors past the events.

So an event is noticed once, whatever is killed and however often it is read; and it is never left
out, because the numbers that the cursors hold have nothing before them that could still appear.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import Organization
from accounts.models.reach import grants_remembered
from findings.models import Notice, Notification, NotificationFeed, Subscriber
from findings.notifying.events import Channel, Mode, NotificationEvent
from findings.notifying.timing import due_at
from findings.selectors.concerns import concerned, not_of_others, owners_of
from findings.selectors.notifications import channels_open, told_when
from findings.selectors.scopes import people_of
from findings.services.notification_sources import BATCH, SOURCES, looked_at, over, standing
from findings.services.subscribers import people_ensure

CHUNK = 500


class TurnTaken(Exception):
    """Another worker has looked at the same; what this one made is rolled back."""


def notifications_follow(*, organization: Organization, now: datetime) -> bool:
    """Notice what happened since the last time; whether there may be more. Raises nothing."""
    try:
        with transaction.atomic(), grants_remembered():
            return _follow(organization, now)
    except TurnTaken:
        return False


def _follow(organization: Organization, now: datetime) -> bool:
    begun = NotificationFeed(organization=organization, began_at=organization.created_at)
    NotificationFeed.objects.bulk_create([begun], ignore_conflicts=True)
    feed = NotificationFeed.objects.select_related("organization").get(organization=organization)
    read = {source: source.read(feed) for source in SOURCES}
    stand = list(standing(feed, now))
    gone = over(feed, stand)
    unnumbered = _unknown(feed, [*looked_at(feed, now), *stand])
    if not any(read.values()) and not gone and not unnumbered:
        return False
    moved = {source.cursor: source.number(rows[-1]) for source, rows in read.items() if rows}
    held = NotificationFeed.objects.filter(pk=feed.pk, turn=feed.turn)
    if not held.update(turn=feed.turn + 1, **moved):
        raise TurnTaken
    told = (source.notice(event) for source, rows in read.items() for event in rows)
    notices = [*(notice for notice in told if notice is not None), *unnumbered]
    _end(gone, now)
    _notice(feed, notices, now)
    return any(len(rows) == BATCH for rows in read.values())


def _unknown(feed: NotificationFeed, notices: Sequence[Notice]) -> list[Notice]:
    known: set[str] = set()
    ours = Notice.objects.standing().filter(organization=feed.organization_id)
    for start in range(0, len(notices), CHUNK):
        keys = [notice.key for notice in notices[start : start + CHUNK]]
        known |= set(ours.filter(key__in=keys).values_list("key", flat=True))
    found = {notice.key: notice for notice in notices if notice.key not in known}
    return list(found.values())


def _end(gone: Sequence[int], now: datetime) -> None:
    """What stands no more is not told any more either, where it still waits to be."""
    for start in range(0, len(gone), CHUNK):
        part = gone[start : start + CHUNK]
        Notice.objects.filter(pk__in=part).update(over_at=now)
        waiting = Notification.objects.filter(notice__in=part, message=None)
        waiting.filter(status=Notification.Status.WAITING).update(
            status=Notification.Status.WITHHELD
        )


def _notice(feed: NotificationFeed, notices: Sequence[Notice], now: datetime) -> None:
    if not notices:
        return
    for notice in notices:
        notice.organization, notice.made_at = feed.organization, now
    made = Notice.objects.bulk_create(notices, batch_size=CHUNK)
    people_ensure(organization=feed.organization, now=now)
    owners = owners_of(made)
    rows: list[Notification] = []
    for subscriber in _subscribers(feed.organization, now):
        rows += _for(subscriber, feed.organization, made, owners, now)
    Notification.objects.bulk_create(rows, batch_size=CHUNK)


def _subscribers(organization: Organization, now: datetime) -> Iterable[Subscriber]:
    granted = people_of([organization], now).values("pk")
    people = Q(user__in=granted) | Q(user__is_superuser=True)
    rows = Subscriber.objects.filter(people | Q(team__organization=organization)).distinct()
    related = rows.select_related("user", "team", "webhook")
    return related.prefetch_related("user__teams").order_by("pk")


def _for(
    subscriber: Subscriber,
    organization: Organization,
    notices: Sequence[Notice],
    owners: Mapping[int, int | None],
    now: datetime,
) -> Iterable[Notification]:
    modes = _modes(subscriber, organization, {(n.event, n.is_calm) for n in notices})
    wanted = [notice for notice in notices if modes[notice.event, notice.is_calm]]
    asked = not_of_others(subscriber, wanted, owners)
    zone = subscriber.zone(organization)
    for notice in concerned(subscriber, asked, now=now) if asked else ():
        for channel, mode in modes[notice.event, notice.is_calm].items():
            yield Notification(
                notice=notice,
                subscriber=subscriber,
                channel=channel,
                not_before=due_at(mode, now=now, zone=zone),
            )


def _modes(
    subscriber: Subscriber, organization: Organization, kinds: Iterable[tuple[str, bool]]
) -> dict[tuple[str, bool], dict[Channel, Mode]]:
    """How each kind of notice is told by the channels that are open, without those that are off."""
    matrix, channels = subscriber.choices, channels_open(subscriber, organization)
    chosen = {
        (event, is_calm): {
            channel: told_when(matrix.mode(NotificationEvent(event), channel), is_calm=is_calm)
            for channel in channels
        }
        for event, is_calm in kinds
    }
    return {
        kind: {channel: mode for channel, mode in told.items() if mode is not Mode.OFF}
        for kind, told in chosen.items()
    }
