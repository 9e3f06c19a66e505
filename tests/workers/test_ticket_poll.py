import datetime as dt

import pytest

from findings.models import Alert, Connection, ConnectionProject, OutboxMessage, Ticket
from tests.factories.tickets import NOW, ConnectionFactory, TicketFactory
from tests.workers.fake_tracker import FakeTracker
from workers.ticket_poll import SWEPT_EARLY, connection_poll
from workers.trackers.base import NewIssue, Target
from workers.trackers.errors import Ambiguous, Configuration, Transient

pytestmark = pytest.mark.django_db
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def tracker():
    return FakeTracker()


@pytest.fixture
def connection():
    return ConnectionFactory()


@pytest.fixture
def ticket(connection, tracker):
    made = tracker.create(Target(project="OPS"), NewIssue(marker="m", title="t", description="d"))
    return TicketFactory(
        connection=connection,
        external_id=made.external_id,
        remote_version=tracker.issues[made.external_id].version,
        checked_at=NOW,
    )


def poll(connection, tracker, now=NOW):
    connection.refresh_from_db()
    connection_poll(connection=connection, now=now, trackers=lambda _: tracker)
    asked = list(OutboxMessage.objects.values_list("why", flat=True))
    OutboxMessage.objects.all().delete()
    return asked


def test_at_first_every_ticket_is_looked_at_then_what_changed(connection, tracker, ticket):
    assert poll(connection, tracker) == ["poll"]
    assert poll(connection, tracker) == []
    tracker.now += DAY
    tracker.edit(ticket.external_id, title="new")
    assert poll(connection, tracker) == ["poll"]
    Ticket.objects.update(remote_version=tracker.issues[ticket.external_id].version)
    assert poll(connection, tracker) == []


def test_what_no_listing_tells_is_looked_at_once_a_day(connection, tracker, ticket):
    poll(connection, tracker)
    assert poll(connection, tracker, NOW + dt.timedelta(hours=1)) == []
    assert poll(connection, tracker, NOW + 2 * DAY) == ["regular look"]
    Ticket.objects.update(closed_at=NOW)
    assert poll(connection, tracker, NOW + 13 * DAY) == ["regular look"]
    assert poll(connection, tracker, NOW + 15 * DAY) == []


def test_where_there_are_many_most_are_looked_at_once_a_day(connection, tracker, ticket):
    poll(connection, tracker)
    for number in range(SWEPT_EARLY + 2):
        TicketFactory(connection=connection, external_id=f"more {number}", checked_at=NOW)
    assert len(poll(connection, tracker, NOW + 2 * HOUR)) == SWEPT_EARLY
    assert len(poll(connection, tracker, NOW + 2 * DAY)) == SWEPT_EARLY + 3


def test_an_issue_that_is_told_by_its_new_key_is_the_same(connection, tracker, ticket):
    poll(connection, tracker)
    Ticket.objects.update(external_id="elsewhere", key="NEW-7")
    tracker.now += DAY
    tracker.edit(tracker.edit("1000").external_id, key="NEW-7")
    assert poll(connection, tracker) == ["poll"]


def test_issues_that_are_none_of_ours_are_passed_by(connection, tracker, ticket):
    poll(connection, tracker)
    tracker.create(Target(project="OPS"), NewIssue(marker="x", title="t", description="d"))
    assert poll(connection, tracker) == []


def test_a_poll_that_fails_keeps_its_cursor_and_the_next_one_misses_nothing(
    connection, tracker, ticket
):
    poll(connection, tracker)
    cursor = ConnectionProject.objects.get().cursor
    tracker.now += DAY
    tracker.edit(ticket.external_id, title="new")
    tracker.faults[("after", "list_changed")] = [Ambiguous("cut short")]
    assert poll(connection, tracker) == []
    row = ConnectionProject.objects.get()
    assert (row.cursor, row.error) == (cursor, "cut short")
    assert poll(connection, tracker) == ["poll"]
    assert ConnectionProject.objects.get().error == ""


def test_a_tracker_that_asks_to_wait_or_refuses_is_left_alone(connection, tracker, ticket):
    tracker.faults[("before", "list_changed")] = [
        Transient("429", retry_after=DAY),
        Configuration("401"),
    ]
    poll(connection, tracker)
    assert Connection.objects.get().breaker_until == NOW + DAY
    poll(connection, tracker)
    assert tracker.calls.count("list_changed") == 1
    poll(connection, tracker, NOW + 2 * DAY)
    assert Alert.objects.active().get().kind == "tracker_failing"
