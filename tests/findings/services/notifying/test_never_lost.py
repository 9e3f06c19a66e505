"""What happened is noticed, never lost and never twice."""

import pytest

from findings.models import (
    Notification,
    NotificationFeed,
    NotificationMessage,
)
from findings.services import notification_sources
from findings.services.notification_feed import notifications_follow
from findings.services.retention import retention_sweep
from tests.factories.accounts import (
    NOW,
)
from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.notifications import followed, hears, notices
from tests.factories.webhooks import finding_event
from tests.findings.services.notifying.telling import DAY, OPENED

pytestmark = pytest.mark.django_db


def test_events_are_followed_past_a_cursor(ours, person, shop, monkeypatch):
    monkeypatch.setattr(notification_sources, "BATCH", 2)
    monkeypatch.setattr("findings.services.notification_feed.BATCH", 2)
    hears(person, OPENED)
    for _ in range(5):
        finding_event(shop)
    assert notifications_follow(organization=ours, now=NOW)
    followed(ours, NOW)
    followed(ours, NOW)
    assert notices() == [OPENED] * 5
    assert Notification.objects.count() == 5


def test_of_two_workers_at_once_one_notices(ours, person, shop, monkeypatch):
    """Another has looked and written between this one's reading and its writing."""
    hears(person, OPENED)
    finding_event(shop)
    looked_at = notification_sources.looked_at

    def meanwhile(feed, now):
        NotificationFeed.objects.update(turn=feed.turn + 1)
        return looked_at(feed, now)

    with monkeypatch.context() as patched:
        patched.setattr("findings.services.notification_feed.looked_at", meanwhile)
        assert not notifications_follow(organization=ours, now=NOW)
    assert notices() == []
    followed(ours, NOW)
    assert notices() == [OPENED]
    assert Notification.objects.count() == 1


def test_a_new_organization_is_followed_from_its_beginning(ours, shop):
    finding_event(shop)
    followed(ours, NOW)
    assert notices() == [OPENED]
    feed = NotificationFeed.objects.get(organization=ours)
    assert feed.began_at == ours.created_at


def test_nothing_happened_writes_nothing(ours):
    followed(ours, NOW)
    turn = NotificationFeed.objects.get(organization=ours).turn
    followed(ours, NOW)
    assert NotificationFeed.objects.get(organization=ours).turn == turn


def test_what_was_sent_is_kept_for_its_days_and_never_noticed_again(ours, person, shop):
    hears(person, "action.overdue", OPENED)
    incident = IncidentFactory(organization=ours, accounts=[shop])
    person_item = {"owner": person, "owner_team": None, "due_at": NOW - DAY}
    ActionItemFactory(organization=ours, incident=incident, accounts=[shop], **person_item)
    finding_event(shop)
    (message,) = followed(ours, NOW)
    days = {"notification": 90}
    later = NOW + 91 * DAY
    assert retention_sweep(days=days, now=later) == {"notification": 0, "notice": 0}  # it waits
    NotificationMessage.objects.update(status="dead")
    Notification.objects.update(status="told")
    gone = retention_sweep(days=days, now=later)
    assert gone == {"notification": 1, "notice": 1}
    assert notices() == ["action.overdue"]  # which stands still
    assert message not in followed(ours, later)
    assert NotificationMessage.objects.count() == 0
