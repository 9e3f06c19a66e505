"""How a ticket and its issue are kept level, whoever changes what and whatever fails."""

import datetime as dt

import pytest

from accounts.roles import Role
from findings.models import (
    Alert,
    Connection,
    ConnectionProject,
    Episode,
    OutboxMessage,
    SyncEvent,
    Ticket,
    TicketComment,
)
from findings.services.outbox import (
    outbox_replay,
)
from findings.services.routes import route_save
from findings.services.tickets import ticket_comment, ticket_edit, ticket_open
from tests.factories.accounts import person_with
from tests.factories.tickets import NOW, open_finding
from tests.workers.fake_tracker import BEGIN
from tests.workers.ticket_sync.desk import DAY, HOUR, MINUTE, kinds, told_of
from workers.ticket_poll import connection_poll
from workers.trackers.errors import (
    Ambiguous,
    Blocked,
    BlockedReason,
    Configuration,
    Transient,
)

pytestmark = pytest.mark.django_db


def test_a_ticket_gets_its_issue_and_the_outbox_is_empty(desk):
    desk.open().run()
    assert not OutboxMessage.objects.exists()
    assert desk.ticket.url == desk.issue.url
    assert kinds(desk.ticket) == ["opened", "linked"]
    assert desk.tracker.writes == ["create"]
    assert str(desk.ticket) == "OPS-1000"
    desk.assert_level()


@pytest.mark.one_database
def test_a_title_is_told_in_one_line(desk):
    desk.open()
    ticket_edit(actor=None, ticket=desk.ticket, title=" two\nlines\tof it ", now=desk.now)
    desk.run()
    assert desk.issue.title == "two lines of it"


def test_what_changes_here_is_pushed_once_however_often_it_changed(desk):
    desk.open().run()
    for number in range(5):
        ticket_edit(actor=None, ticket=desk.ticket, title=f"title {number}", now=desk.now)
    ticket_comment(actor=None, ticket=desk.ticket, body="Look.", now=desk.now)
    desk.run()
    assert desk.tracker.writes == ["create", "update_fields", "comment"]
    assert [c.body for c in desk.issue.comments] == ["Look."]
    told = SyncEvent.objects.filter(direction="out").order_by("id").values_list("field", "new")
    assert list(told) == [("", "OPS-1000"), ("title", "title 4"), ("comment", "Look.")]
    assert set(SyncEvent.objects.values_list("who", flat=True)) == {"Cairn"}
    assert SyncEvent.objects.get(field="title").why == "Commented"
    desk.assert_level()


def test_what_they_did_comes_here_by_the_poll_alone(desk):
    desk.open().run().poll()
    desk.wait(HOUR)
    external_id = desk.ticket.external_id
    desk.tracker.assign(external_id, "jo")
    desk.tracker.say(external_id, "On it.")
    desk.tracker.set_status(external_id, "12")
    desk.poll()
    ticket = desk.ticket
    assert (ticket.assignee, ticket.status, ticket.status_name) == (
        "jo",
        "in_progress",
        "Status 12",
    )
    comment = TicketComment.objects.get()
    assert (comment.body, comment.origin) == ("On it.", "tracker")
    assert Episode.objects.get().workflow == "in_progress"
    assert ticket.remote_status_at.year == BEGIN.year
    assert desk.tracker.writes == ["create"]
    moved = ticket.events.get(kind="moved")
    assert (moved.before["status"], moved.after["status"]) == ("todo", "in_progress")
    told = SyncEvent.objects.filter(direction="in").order_by("id")
    assert [event.operation for event in told] == ["moved", "assigned", "commented"]
    desk.assert_level()
    assert TicketComment.objects.count() == 1


def test_their_done_is_a_claim_and_ours_closes_when_evidence_does(desk):
    desk.open().run().poll()
    desk.tracker.set_status(desk.ticket.external_id, "13")
    desk.wait(MINUTE).poll()
    assert (desk.ticket.status, desk.ticket.is_live) == ("done", True)
    assert Episode.objects.get().workflow == "fix_claimed"
    desk.rejected()
    assert desk.issue.status_id == "12"
    assert "It still fails here" in desk.issue.comments[0].body
    desk.wait(HOUR).tracker.set_status(desk.ticket.external_id, "13")
    desk.poll()
    assert Episode.objects.get().workflow == "fix_claimed"
    desk.fixed()
    assert (desk.ticket.is_live, desk.issue.status_id) == (False, "13")
    assert "1 of 1 verified" in desk.issue.description
    assert kinds(desk.ticket).count("claimed") == 2
    desk.assert_level()


@pytest.mark.one_database
def test_their_wont_do_asks_for_a_suppression(desk):
    desk.open().run().poll()
    desk.tracker.set_status(desk.ticket.external_id, "14")
    desk.wait(MINUTE).poll()
    assert (desk.ticket.wont_do, desk.ticket.is_live) == (True, True)
    assert kinds(desk.ticket)[-1] == "refused"
    assert desk.tracker.writes == ["create"]
    assert Episode.objects.get().workflow == "new"


@pytest.mark.one_database
def test_evidence_closes_what_nobody_claimed(desk):
    desk.open().run().fixed()
    assert desk.issue.status_id == "13"
    desk.assert_level()
    assert "claimed" not in kinds(desk.ticket)


@pytest.mark.one_database
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_time_out_of_create_makes_one_issue(desk, moment):
    desk.tracker.search_lag = dt.timedelta(seconds=20)
    desk.open().fault(moment, "create", Ambiguous("no answer came")).run()
    assert desk.ticket.external_id == ""
    assert OutboxMessage.objects.get().not_before == NOW + dt.timedelta(seconds=30)
    desk.settle()
    assert desk.tracker.writes.count("create") == (2 if moment == "before" else 1)
    desk.assert_level()


@pytest.mark.one_database
def test_after_a_time_out_it_is_looked_for_again_and_again_before_it_is_made_anew(desk):
    desk.open().fault("before", "create", Ambiguous("no answer came")).settle()
    looks = ["find_by_marker"] * 3
    assert desk.tracker.calls[:6] == ["find_by_marker", "create", *looks, "create"]
    assert desk.now >= NOW + 10 * dt.timedelta(seconds=30)


@pytest.mark.one_database
def test_an_index_ten_times_as_late_as_it_should_be_makes_no_second_issue(desk):
    desk.tracker.search_lag = 10 * dt.timedelta(seconds=30)
    desk.open().fault("after", "create", Ambiguous("no answer came")).settle()
    assert desk.tracker.writes.count("create") == 1
    desk.assert_level()


@pytest.mark.one_database
def test_who_is_in_a_hurry_does_not_make_it_look_too_soon(desk):
    desk.open().fault("after", "create", Ambiguous("no answer came")).run()
    outbox_replay(actor=None, message=OutboxMessage.objects.get(), now=desk.now)
    desk.tracker.search_lag = dt.timedelta(seconds=20)
    desk.run()
    assert desk.tracker.calls == ["find_by_marker", "create"]
    assert OutboxMessage.objects.get().not_before == NOW + dt.timedelta(seconds=30)


@pytest.mark.one_database
def test_a_row_that_forgot_its_issue_finds_it_again(desk):
    """Such as one restored from a backup."""
    desk.open().run()
    Ticket.objects.update(external_id="", key="", base=None, pushed_version=0)
    ticket_edit(actor=None, ticket=desk.ticket, note="again", now=desk.now)
    desk.run()
    desk.assert_level()


@pytest.mark.parametrize("wait", [10 * MINUTE, 40 * DAY])
def test_a_wait_that_the_tracker_asks_for_is_kept_for_the_whole_connection(desk, wait):
    desk.open().fault("before", "create", Transient("429", retry_after=wait)).run()
    calls = len(desk.tracker.calls)
    ticket_edit(actor=None, ticket=desk.ticket, title="new", now=desk.now)
    desk.wait(wait - MINUTE).run()
    assert len(desk.tracker.calls) == calls
    desk.wait(2 * MINUTE).run()
    desk.assert_level()
    assert not Alert.objects.exists()


@pytest.mark.one_database
def test_a_wait_that_is_asked_for_with_an_answer_that_says_nothing_is_kept_too(desk):
    desk.open().fault("after", "create", Ambiguous("503", retry_after=10 * MINUTE)).run()
    desk.wait(9 * MINUTE).run()
    assert desk.tracker.calls == ["find_by_marker", "create"]
    desk.wait(2 * MINUTE).settle().assert_level()
    assert desk.tracker.writes.count("create") == 1


def test_what_fails_for_days_is_a_dead_letter_until_it_is_replayed(desk):
    desk.open().fault("before", "create", *[Transient("503")] * 10).settle()
    message = OutboxMessage.objects.get()
    assert (message.status, message.attempts, message.last_error) == ("dead", 10, "503")
    assert told_of(desk, "sync_failed") == [{"reason": "given_up"}]
    assert desk.now - NOW > dt.timedelta(hours=75)
    person = person_with(Role.CONTRIBUTOR, organization=desk.account.organization)
    outbox_replay(actor=person, message=message, now=desk.now)
    desk.settle().assert_level()


@pytest.mark.one_database
def test_a_change_of_ours_revives_a_dead_letter(desk):
    desk.open().fault("before", "create", *[Transient("503")] * 10).settle()
    ticket_edit(actor=None, ticket=desk.ticket, title="new", now=desk.now)
    desk.settle().assert_level()


def test_a_wrong_set_up_opens_the_breaker_and_tells_once(desk):
    desk.open().fault("before", "create", *[Configuration("401: token revoked")] * 2).run()
    connection = Connection.objects.get()
    assert (connection.health, connection.failures) == ("failing", 1)
    assert connection.breaker_until == NOW + 5 * MINUTE
    desk.wait(MINUTE).run()
    assert desk.tracker.calls == ["find_by_marker", "create"]
    desk.wait(5 * MINUTE).run()
    assert Connection.objects.get().breaker_until == desk.now + 10 * MINUTE
    assert Alert.objects.active().get().message.endswith("401: token revoked")
    assert OutboxMessage.objects.get().attempts == 0
    desk.settle()
    connection.refresh_from_db()
    assert (connection.health, connection.breaker_until, connection.failures) == (
        "healthy",
        None,
        0,
    )
    assert not Alert.objects.active().exists()
    desk.assert_level()


def test_a_wrong_project_stops_that_project_alone(desk):
    desk.open().fault("before", "create", Configuration("no project OPS", scope="OPS")).run()
    other = ticket_open(
        actor=None,
        findings=[open_finding(account=desk.account)],
        connection=desk.connection,
        project="WEB",
        now=desk.now,
    )
    desk.run()
    other.refresh_from_db()
    assert other.key == "WEB-1000"
    assert ConnectionProject.objects.get(project="OPS").error == "no project OPS"
    assert desk.ticket.key == ""
    assert Alert.objects.active().count() == 1


@pytest.mark.one_database
def test_a_move_that_cannot_be_made_is_shown_and_tried_again_when_something_changes(desk):
    desk.tracker.removed_moves = frozenset({"13"})
    desk.open().run().fixed()
    assert "no move from here leads to a status that is done" in desk.ticket.blocked_reason
    assert desk.ticket.pushed_version < desk.ticket.desired_version
    assert "1 of 1 verified" in desk.issue.description
    desk.tracker.removed_moves = frozenset()
    ticket_comment(actor=None, ticket=desk.ticket, body="now", now=desk.now)
    desk.run().assert_level()
    assert desk.ticket.blocked_reason == ""


def test_what_blocks_is_tried_again_by_itself_and_told_once(desk):
    desk.tracker.removed_moves = frozenset({"13"})
    desk.open().run().fixed()
    writes = len(desk.tracker.writes)
    desk.wait(HOUR).run().wait(HOUR).run()
    assert len(desk.tracker.writes) == writes
    assert SyncEvent.objects.filter(operation="blocked").count() == 1
    assert told_of(desk, "sync_failed") == [{"reason": "blocked"}]
    desk.tracker.removed_moves = frozenset()
    desk.wait(HOUR).run().assert_level()
    assert desk.issue.status_id == "13"


@pytest.mark.one_database
def test_a_comment_that_is_blocked_keeps_no_move_from_its_turn(desk):
    desk.open().run()
    locked = Blocked("locked", reason=BlockedReason.LOCKED)
    desk.fault("before", "comment", locked)
    ticket_comment(actor=None, ticket=desk.ticket, body="now", now=desk.now)
    desk.fixed()
    assert (desk.issue.status_id, desk.ticket.blocked_reason) == ("13", "locked")
    desk.wait(HOUR).run().assert_level()


@pytest.mark.one_database
def test_a_required_field_of_a_move_is_taken_from_the_route_or_named(desk):
    desk.tracker.required = {"13": ("close_code",)}
    desk.open().run().fixed()
    assert "requires close_code; give a value in the route" in desk.ticket.blocked_reason
    desk.route.field_map = {"close_code": "fixed"}
    route_save(actor=None, route=desk.route, now=desk.now)
    desk.run().assert_level()


def test_an_issue_that_is_gone_twice_is_let_go_and_never_made_again(desk):
    desk.open().run()
    desk.tracker.issues.clear()
    desk.wait(2 * DAY).poll()
    assert desk.ticket.detached_at is not None
    assert kinds(desk.ticket)[-1] == "detached"
    ticket_edit(actor=None, ticket=desk.ticket, title="new", now=desk.now)
    desk.wait(2 * DAY).poll()
    assert desk.tracker.writes == ["create"]


@pytest.mark.one_database
def test_an_issue_that_is_gone_once_and_there_again_is_kept(desk):
    desk.open().run()
    kept = dict(desk.tracker.issues)
    desk.tracker.issues.clear()
    connection_poll(connection=desk.connection, now=desk.wait(2 * DAY).now, trackers=desk.trackers)
    desk.run()
    assert desk.ticket.times_gone == 1
    desk.tracker.issues |= kept
    desk.settle()
    assert (desk.ticket.times_gone, desk.ticket.detached_at) == (0, None)


@pytest.mark.one_database
def test_an_issue_whose_project_is_out_of_sight_is_not_gone(desk):
    desk.open().run()
    kept = dict(desk.tracker.issues)
    desk.tracker.issues.clear()
    connection_poll(connection=desk.connection, now=desk.wait(2 * DAY).now, trackers=desk.trackers)
    desk.run().fault("before", "list_changed", Configuration("403: no access", scope="OPS"))
    desk.wait(6 * MINUTE).run()
    assert desk.ticket.detached_at is None
    assert Alert.objects.active().count() == 1
    desk.tracker.issues |= kept
    desk.settle()
    assert (desk.ticket.times_gone, desk.ticket.detached_at) == (0, None)
    assert not Alert.objects.active().exists()


def test_an_error_of_ours_tells_its_kind_alone(desk, caplog):
    desk.open().fault("after", "create", KeyError("token=secret")).run()
    message = OutboxMessage.objects.get()
    assert message.last_error == "KeyError in Cairn"
    assert "secret" not in "".join(SyncEvent.objects.values_list("error", flat=True))
    desk.settle().assert_level()
