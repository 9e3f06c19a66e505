"""Both sides of a ticket, compared: what is put back, what is taken over, what is left."""

import datetime as dt
from dataclasses import replace

import pytest

from findings.ticketing import block
from findings.ticketing.codec import desired_of_json, desired_to_json
from findings.ticketing.merge import (
    CONTESTED_AFTER,
    AssigneeChanged,
    Authority,
    CommentAdded,
    StatusMoved,
    three_way,
)
from findings.ticketing.state import (
    Field,
    OurComment,
)
from tests.findings.ticketing.both_sides import DONE, MARKER, OPEN, Ticket
from tests.workers.fake_tracker import SECOND


@pytest.fixture
def ticket():
    return Ticket()


def test_what_was_just_made_needs_no_write(ticket):
    assert ticket.look().is_empty
    assert ticket.news == []


def test_ours_is_put_back_and_theirs_is_left(ticket):
    ticket.settle()
    edited = f"Mine.\n\n{ticket.issue.description}\n\nAlso mine."
    ticket.tracker.edit(
        ticket.id,
        title="Theirs",
        description=edited.replace("- one", "- none"),
        priority="5",
        due_date=None,
        labels=ticket.issue.labels - {"cairn"} | {"team-a"},
        assignee="jo",
        assignee_changed_at=ticket.tracker.now,
    )
    ticket.settle()
    issue = ticket.issue
    assert (issue.title, issue.priority) == ("Encrypt it", "2")
    assert issue.due_date == dt.date(2026, 4, 1)
    assert block.take(issue.description, MARKER) == "- one\n- two"
    assert block.around(issue.description, MARKER) == "Mine.\n\nAlso mine."
    assert issue.labels == {"cairn", MARKER, "team-a"}
    assert issue.assignee == "jo"
    assert [n.assignee for n in ticket.news if isinstance(n, AssigneeChanged)] == ["jo"]


def test_where_we_have_no_priority_and_no_date_theirs_stand(ticket):
    ticket.want(priority="", due_date=None)
    ticket.tracker.edit(ticket.id, priority="3", due_date=dt.date(2026, 5, 1))
    ticket.settle()
    assert ticket.tracker.writes == ["create"]
    ticket.want(due_date=dt.date(2026, 6, 1))
    ticket.settle()
    ticket.want(due_date=None)
    ticket.settle()
    assert (ticket.issue.due_date, ticket.issue.priority) == (None, "3")
    ticket.tracker.edit(ticket.id, due_date=dt.date(2026, 5, 1))
    ticket.settle()
    assert ticket.issue.due_date == dt.date(2026, 5, 1)


def test_a_due_date_is_taken_away_and_a_label_of_ours_withdrawn(ticket):
    ticket.settle()
    ticket.tracker.edit(ticket.id, labels=ticket.issue.labels | {"theirs"})
    ticket.want(due_date=None, labels=frozenset({"late"}))
    ticket.settle()
    assert ticket.issue.due_date is None
    assert ticket.issue.labels == {"late", "theirs", MARKER}


@pytest.mark.parametrize(("status", "is_claim"), [("13", True), ("14", False)])
def test_done_is_a_claim_and_wont_do_a_request_once_each(ticket, status, is_claim):
    ticket.settle()
    ticket.tracker.set_status(ticket.id, status)
    ticket.settle()
    ticket.settle()
    (news,) = ticket.news
    assert isinstance(news, StatusMoved)
    assert (news.is_claim, news.is_refusal) == (is_claim, not is_claim)
    assert ticket.issue.status_id == status


def test_done_opened_and_done_again_between_two_looks_is_a_new_claim(ticket):
    ticket.tracker.set_status(ticket.id, "13")
    ticket.settle()
    ticket.tracker.set_status(ticket.id, "11")
    ticket.tracker.set_status(ticket.id, "13")
    ticket.settle()
    assert [news.is_claim for news in ticket.news] == [True, True]


def test_without_their_time_of_a_status_an_edit_is_no_move(ticket):
    ticket.tracker.set_status(ticket.id, "13")
    ticket.tracker.edit(ticket.id, status_changed_at=None)
    ticket.settle()
    ticket.tracker.edit(ticket.id, description="edited")
    ticket.settle()
    assert len(ticket.news) == 1


def test_a_rejected_claim_goes_back_and_a_later_one_is_heard(ticket):
    ticket.tracker.set_status(ticket.id, "13")
    ticket.settle()
    ticket.demand(OPEN)
    ticket.settle()
    assert ticket.issue.status_id == "11"
    ticket.demand(OPEN)
    ticket.tracker.set_status(ticket.id, "13")
    ticket.settle()
    assert ticket.issue.status_id == "13"
    assert [news.is_claim for news in ticket.news] == [True, True]


def test_who_moves_it_on_right_after_us_is_heard(ticket):
    ticket.tracker.set_status(ticket.id, "13")
    ticket.settle()
    ticket.demand(OPEN)
    transition = ticket.tracker.transition

    def and_somebody_is_done(*arguments, **named):
        transition(*arguments, **named)
        ticket.tracker.transition = transition
        return ticket.tracker.set_status(ticket.id, "13")

    ticket.tracker.transition = and_somebody_is_done
    ticket.settle()
    assert [news.is_claim for news in ticket.news] == [True, True]
    assert ticket.issue.status_id == "13"


def test_what_evidence_closed_people_may_open_once_it_is_done(ticket):
    ticket.settle()
    ticket.demand(DONE)
    ticket.settle()
    assert ticket.issue.status_id == "13"
    assert ticket.news == []
    ticket.tracker.set_status(ticket.id, "12")
    ticket.settle()
    assert ticket.issue.status_id == "12"
    assert not any(news.is_claim for news in ticket.news)


def test_a_comment_of_ours_is_appended_once_and_theirs_is_told_once(ticket):
    ticket.want(comments=(OurComment(id="a" * 32, body="It fails."),))
    ticket.tracker.say(ticket.id, "On it.")
    ticket.settle()
    ticket.settle()
    assert [c.body for c in ticket.issue.comments] == ["On it.", "It fails."]
    assert [n.comment.body for n in ticket.news if isinstance(n, CommentAdded)] == ["On it."]
    ticket.tracker.edit(ticket.id, comments=())
    ticket.settle()
    assert ticket.issue.comments == ()


def test_who_quotes_a_comment_of_ours_above_its_mark_is_heard(ticket):
    ours = OurComment(id="a" * 32, body="It fails.")
    ticket.want(comments=(ours,))
    ticket.settle()
    mail = f"Fixed.\n\n-- Original --\n{block.mark_comment(ours.body, ours.id)}"
    ticket.tracker.say(ticket.id, mail)
    ticket.tracker.say(ticket.id, block.mark_comment("Of another ticket.", "b" * 32))
    ticket.settle()
    told = [n.comment.body for n in ticket.news if isinstance(n, CommentAdded)]
    assert told == ["Fixed.\n\n-- Original --\nIt fails.", "Of another ticket."]


def test_a_comment_of_ours_that_is_there_twice_is_none_of_theirs(ticket):
    ours = OurComment(id="a" * 32, body="It fails.")
    ticket.want(comments=(ours,))
    ticket.settle()
    ticket.tracker.say(ticket.id, block.mark_comment(ours.body, ours.id))
    ticket.settle()
    assert [n for n in ticket.news if isinstance(n, CommentAdded)] == []


def test_an_older_telling_changes_nothing(ticket):
    ticket.tracker.set_status(ticket.id, "13")
    old = ticket.issue
    ticket.tracker.set_status(ticket.id, "12")
    ticket.settle()
    before = ticket.base
    assert ticket.look(old).is_stale
    assert (ticket.base, len(ticket.news)) == (before, 1)


def test_a_status_that_is_strictly_older_than_what_is_known_is_dropped(ticket):
    ticket.tracker.set_status(ticket.id, "13")
    ticket.settle()
    lagging = replace(
        ticket.tracker.edit(ticket.id, title="new"),
        status_id="11",
        status_category=OPEN,
        status_changed_at=ticket.base.status_at - SECOND,
    )
    plan = ticket.look(lagging)
    assert (ticket.base.status_id, len(ticket.news)) == ("13", 1)
    assert set(plan.writes) == {Field.TITLE}


def test_a_tracker_that_keeps_a_field_in_its_own_way_is_written_to_twice_at_most(ticket):
    ticket.tracker.rewrites_title = lambda title: title[:5]
    ticket.want(title="Encrypt everything")
    ticket.settle()
    assert ticket.tracker.writes.count("update_fields") == 2
    ticket.settle()
    assert ticket.tracker.writes.count("update_fields") == 2
    ticket.tracker.edit(ticket.id, title="Other")
    ticket.settle()
    assert ticket.issue.title == "Encry"


@pytest.mark.parametrize("edit", ["Somebody's", "Encrypt it"])
def test_an_edit_right_after_ours_is_not_taken_for_their_way(ticket, edit):
    ticket.settle()
    ticket.want(title="New")
    update = ticket.tracker.update_fields

    def and_somebody_edits(*arguments, **named):
        update(*arguments, **named)
        ticket.tracker.update_fields = update
        return ticket.tracker.edit(ticket.id, title=edit)

    ticket.tracker.update_fields = and_somebody_edits
    ticket.settle()
    assert ticket.issue.title == "New"


def test_a_field_that_is_always_changed_again_is_left_as_drift(ticket):
    ticket.settle()
    for number in range(CONTESTED_AFTER + 3):
        ticket.tracker.edit(ticket.id, priority=f"{number}-theirs")
        ticket.sync()
    plan = ticket.look()
    assert plan.is_empty
    assert plan.drift == {Field.PRIORITY: f"{CONTESTED_AFTER + 2}-theirs"}
    ticket.want(priority=ticket.issue.priority)
    ticket.settle()
    ticket.tracker.edit(ticket.id, priority="3")
    ticket.settle()
    assert ticket.issue.priority == ticket.desired.priority


def test_a_field_that_the_tracker_lacks_is_never_written(ticket):
    ticket.tracker.edit(ticket.id, due_date=None)
    plan = three_way(None, ticket.desired, ticket.issue, Authority(fields=frozenset({Field.TITLE})))
    assert plan.is_empty


def test_what_is_desired_is_kept_whole(ticket):
    ticket.demand(DONE)
    assert desired_of_json(desired_to_json(ticket.desired)) == ticket.desired
