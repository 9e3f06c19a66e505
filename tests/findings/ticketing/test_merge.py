"""Both sides of a ticket, pulled about at random, come to agree; and what is level stays level."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings.ticketing import block
from findings.ticketing.codec import base_of_json, base_to_json, desired_of_json, desired_to_json
from findings.ticketing.merge import (
    CONTESTED_AFTER,
    AssigneeChanged,
    Authority,
    CommentAdded,
    StatusMoved,
    three_way,
)
from findings.ticketing.state import (
    DesiredTicket,
    Field,
    OurComment,
    StatusCategory,
    StatusDemand,
)
from tests.workers.fake_tracker import SECOND, FakeTracker, Killed
from workers.ticket_writes import carry_out, new_issue
from workers.trackers.base import Target
from workers.trackers.errors import TrackerError, Transient

MARKER = "cairn-" + "7" * 32
DONE, OPEN = StatusCategory.DONE, StatusCategory.TODO


class Ticket:
    """One ticket of ours and its issue; what a portal does about news is played by the test."""

    def __init__(self):
        self.tracker = FakeTracker()
        self.desired = DesiredTicket(
            marker=MARKER,
            title="Encrypt it",
            severity="high",
            priority="2",
            due_date=dt.date(2026, 4, 1),
            block="- one\n- two",
            labels=frozenset({"cairn"}),
        )
        made = self.tracker.create(
            Target(project="OPS"), new_issue(self.desired, self.tracker.capable)
        )
        self.id, self.base, self.news = made.external_id, None, []
        self.reads = []

    @property
    def issue(self):
        return self.tracker.issues[self.id]

    def want(self, **changes):
        self.desired = replace(self.desired, **changes)

    def demand(self, category):
        number = int(self.desired.status.id) + 1 if self.desired.status else 1
        basis = self.base.status_at if self.base else None
        self.want(status=StatusDemand(id=str(number), category=category, basis=basis))

    def look(self, remote=None):
        plan = three_way(self.base, self.desired, remote or self.tracker.get(self.id), Authority())
        self.keep(plan.base)
        self.news += plan.news
        return plan

    def keep(self, base, *_):
        """As a row keeps it."""
        self.base = base_of_json(base_to_json(base))

    def sync(self, remote=None):
        remote = remote or self.tracker.get(self.id)
        plan = self.look(remote)
        if not plan.is_stale:
            self.keep(
                carry_out(
                    tracker=self.tracker,
                    desired=self.desired,
                    remote=remote,
                    plan=plan,
                    preferred={},
                    fields={},
                    keep=self.keep,
                )
            )
        return plan

    def settle(self):
        for _ in range(6):
            if self.sync().is_empty:
                return
        raise AssertionError("they write for ever")


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


# --- at random ---
words = st.text("ab \n-*<>", max_size=8)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from(["title", "priority"]), words),
        st.tuples(st.just("describe"), words, st.sampled_from(["before", "after", "instead"])),
        st.tuples(st.just("status"), st.sampled_from(["11", "12", "13", "14"])),
        st.tuples(st.just("say"), words),
        st.tuples(st.just("assign"), st.sampled_from(["", "jo", "al"])),
        st.tuples(st.just("want"), st.sampled_from(["title", "block", "priority"]), words),
        st.tuples(st.just("demand"), st.sampled_from([DONE, OPEN])),
        st.tuples(st.just("remark"), st.integers(0, 5)),
        st.tuples(st.just("read")),  # a delivery that is on its way
        st.tuples(st.just("late")),  # arrives, perhaps again, perhaps out of order
        st.tuples(st.just("sync")),
        st.tuples(st.just("fail"), st.sampled_from(["before", "after"])),
        st.tuples(st.just("die"), st.integers(1, 4)),
    ),
    max_size=25,
)


def play(ticket, step, choose):
    match step:
        case ("edit", name, text):
            ticket.tracker.edit(ticket.id, **{name: text})
        case ("describe", text, where):
            now = ticket.issue.description
            both = {"before": f"{text}\n\n{now}", "after": f"{now}\n\n{text}", "instead": text}
            ticket.tracker.edit(ticket.id, description=both[where])
        case ("status", status):
            ticket.tracker.set_status(ticket.id, status)
        case ("say", text):
            ticket.tracker.say(ticket.id, text)
        case ("assign", person):
            ticket.tracker.assign(ticket.id, person)
        case ("want", name, text):
            ticket.want(**{name: text})
        case ("demand", category):
            ticket.demand(category)
        case ("remark", number):
            said = {c.id: c for c in ticket.desired.comments}
            ours = OurComment(id=f"{number:032x}", body=f"remark {number}")
            ticket.want(comments=tuple({**said, ours.id: ours}.values()))
        case ("read",):
            ticket.reads.append(ticket.issue)
        case ("late",) if ticket.reads:
            ticket.look(choose(ticket.reads))
        case _:
            disturbed_sync(ticket, step)


def disturbed_sync(ticket, step):
    tracker, start = ticket.tracker, len(ticket.tracker.calls)

    def strike(number, moment):
        if step[0] == "die" and number - start == step[1] and moment.startswith("after"):
            raise Killed
        told, operation = moment.split()
        if step == ("fail", told) and operation in ("update_fields", "transition", "comment"):
            raise Transient("it broke")

    tracker.on_call = strike
    try:
        ticket.sync()
    except (Killed, TrackerError):
        pass
    finally:
        tracker.on_call = lambda number, moment: None


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps, st.randoms(use_true_random=False))
def test_whatever_happens_both_sides_come_to_agree(story, chance):
    ticket = Ticket()
    for step in story:
        play(ticket, step, chance.choice)
    ticket.settle()
    issue, desired = ticket.issue, ticket.desired
    assert block.normal(issue.title) == block.normal(desired.title)
    assert block.take(issue.description, MARKER) == block.normal(desired.block)
    assert issue.priority == desired.priority or not desired.priority
    said = [c.our_id for c in issue.comments if c.our_id]
    assert sorted(said) == sorted(c.id for c in desired.comments)
    told = [n.comment.id for n in ticket.news if isinstance(n, CommentAdded)]
    assert sorted(told) == sorted(c.id for c in issue.comments if not c.our_id)
    assert (ticket.base.status_id, ticket.base.assignee) == (issue.status_id, issue.assignee)
    writes = len(ticket.tracker.writes)
    ticket.sync()
    assert len(ticket.tracker.writes) == writes


@settings(max_examples=60, deadline=None)
@given(steps, st.randoms(use_true_random=False))
def test_what_people_write_around_our_block_is_never_touched(story, chance):
    ticket, theirs = Ticket(), ""
    for step in story:
        play(ticket, step, chance.choice)
        if step[0] == "describe":
            theirs = block.around(ticket.issue.description, MARKER)
        assert block.around(ticket.issue.description, MARKER) == theirs
