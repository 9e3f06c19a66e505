"""Both sides of a ticket, pulled about at random, come to agree; and what is level stays level."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings.ticketing import block
from findings.ticketing.merge import (
    CommentAdded,
)
from findings.ticketing.state import (
    OurComment,
)
from tests.findings.ticketing.both_sides import DONE, MARKER, OPEN, Ticket
from tests.workers.fake_tracker import Killed
from workers.trackers.errors import TrackerError, Transient

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
