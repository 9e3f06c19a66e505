"""When a notice is told, and together with which others."""

import datetime as dt

import pytest

from findings.models import (
    Notice,
    Notification,
    NotificationMessage,
    Scan,
)
from tests.factories.accounts import (
    NOW,
)
from tests.factories.findings import ScanFactory
from tests.factories.notifications import followed, hears
from tests.factories.webhooks import finding_event
from tests.findings.services.notifying.telling import DAY, HOUR, MINUTE, OPENED, told

pytestmark = pytest.mark.django_db


def test_a_storm_is_one_message_with_counts(ours, person, shop):
    hears(person, OPENED)
    scan = ScanFactory(organization=ours, state=Scan.State.RUNNING, finished_at=None)
    for severity, rank, number in (("high", 1, 30), ("critical", 0, 2)):
        for _ in range(number):
            finding_event(shop, severity=severity, severity_rank=rank)
    Notice.objects.update(scan=scan)
    ours.finding_events.update(scan=scan)
    assert followed(ours, NOW) == []  # its scan goes on
    finding_event(shop)
    Scan.objects.update(state=Scan.State.FINISHED, finished_at=NOW)
    (message,) = followed(ours, NOW + MINUTE)
    letter = told(message, NOW + MINUTE)
    assert letter.counts == ["33 findings opened: 2 critical, 31 high"]
    assert letter.total == 33
    assert len(letter.lines) == 20
    assert letter.lines[0].heading == "Critical: finding opened"


def test_a_scan_is_not_waited_for_for_ever(ours, person, shop):
    hears(person, OPENED)
    scan = ScanFactory(organization=ours, state=Scan.State.RUNNING, finished_at=None)
    finding_event(shop)
    ours.finding_events.update(scan=scan)
    assert followed(ours, NOW) == []
    assert len(followed(ours, NOW + 2 * HOUR)) == 1


def test_two_messages_keep_a_distance(ours, person, shop):
    hears(person, OPENED)
    finding_event(shop)
    assert len(followed(ours, NOW)) == 1
    finding_event(shop)
    finding_event(shop)
    assert len(followed(ours, NOW + 9 * MINUTE)) == 1
    _, second = followed(ours, NOW + 10 * MINUTE)
    assert second.notifications.count() == 2


def test_a_digest_waits_for_the_morning_of_its_reader(ours, person, shop):
    hears(person, OPENED, mode="daily", time_zone="Pacific/Auckland")
    finding_event(shop)
    due = dt.datetime(2026, 3, 2, 19, tzinfo=dt.UTC)
    assert followed(ours, NOW) == []
    assert followed(ours, due - MINUTE) == []
    (message,) = followed(ours, due)
    assert "2026-03-02 22:00 NZDT" in told(message, due).lines[0].at


def test_without_a_zone_the_organizations_counts(ours, person, shop):
    ours.time_zone = "Asia/Tokyo"
    ours.save()
    hears(person, OPENED, mode="daily")
    finding_event(shop)
    followed(ours, NOW)
    due = Notification.objects.get().not_before
    assert due == dt.datetime(2026, 3, 2, 23, tzinfo=dt.UTC)


def test_what_we_caused_ourselves_waits_for_a_digest(ours, person, shop):
    hears(person, OPENED)
    finding_event(shop, cause="check_changed")
    assert followed(ours, NOW) == []
    assert len(followed(ours, NOW + DAY)) == 1


def test_another_choice_counts_for_what_waits(ours, person, shop):
    hears(person, OPENED, mode="weekly")
    finding_event(shop)
    assert followed(ours, NOW) == []
    hears(person, OPENED, mode="instant")
    assert len(followed(ours, NOW)) == 1
    hears(person, OPENED, mode="weekly")
    finding_event(shop)
    followed(ours, NOW)
    hears(person)
    followed(ours, NOW + 14 * DAY)
    assert Notification.objects.filter(status="withheld").count() == 1
    assert NotificationMessage.objects.count() == 1


def test_without_a_mail_server_nothing_piles_up(ours, person, shop, settings):
    settings.EMAIL_HOST = ""
    hears(person, OPENED)
    finding_event(shop)
    followed(ours, NOW)
    assert not Notification.objects.exists()
