"""A worker that is killed between any two steps."""

import contextlib

import pytest

from findings.services import ticket_exchange
from findings.services.outbox import (
    LEASE,
    outbox_ask,
)
from tests.workers.fake_tracker import Killed
from tests.workers.ticket_sync.desk import kinds
from workers import ticket_sync as engine

pytestmark = pytest.mark.django_db


KEPT = ("exchange_adopt", "exchange_take", "exchange_keep", "exchange_end")


def story(desk):
    """A life with every operation in it: made, claimed, sent back with a remark, closed."""
    desk.open().settle()
    desk.tracker.set_status(desk.ticket.external_id, "13")
    outbox_ask(ticket=desk.ticket, kind="look", why="poll", now=desk.now)
    desk.settle()
    desk.rejected()
    desk.fixed()


def watched(desk, monkeypatch, strike):
    """Have every step, there and here, pass by ``strike(moment)`` when it is done.

    That a step ended and that the next begins is one moment, but before ``create``, of which a note
    is kept first.
    """

    def told(number, moment):
        if moment.startswith("after") or moment == "before create":
            strike(moment)

    desk.tracker.on_call = told
    for name in KEPT:
        real = getattr(ticket_exchange, name)

        def step(real=real, name=name, **named):
            done = real(**named)
            strike(f"after {name}")
            return done

        monkeypatch.setattr(engine, name, step)


MOMENTS = 35
"""How many there are; a test holds the number."""


def _moments():
    """Each on SQLite; on PostgreSQL every fifth, as a kill rolls back and lets go there, too."""
    for number in range(MOMENTS):
        yield pytest.param(number, marks=[pytest.mark.one_database] if number % 5 else [])


@pytest.mark.parametrize("number", list(_moments()))
def test_killed_at_any_moment_leaves_one_issue_and_both_sides_level(desk, monkeypatch, number):
    passed = iter(range(10_000))

    def strike(moment):
        if next(passed) == number:
            raise Killed(moment)

    watched(desk, monkeypatch, strike)
    monkeypatch.setattr(engine, "lease_end", lambda **_: None)  # the dead end nothing
    run = desk.run

    def run_and_outlast_the_lease():
        with contextlib.suppress(Killed):
            run()
        desk.ticket.refresh_from_db()
        return desk.wait(LEASE)

    desk.run = run_and_outlast_the_lease
    story(desk)
    monkeypatch.undo()
    assert len(desk.tracker.created_at) == 1
    assert desk.issue.status_id == "13"
    assert len(desk.issue.comments) == 1
    assert kinds(desk.ticket).count("claimed") == 1
    assert kinds(desk.ticket).count("linked") == 1
    assert not desk.ticket.is_live
    desk.wait(LEASE).settle().assert_level()


def test_a_life_has_so_many_moments(desk, monkeypatch):
    seen = []
    watched(desk, monkeypatch, seen.append)
    story(desk)
    assert len(seen) == MOMENTS
    assert {moment.split()[1] for moment in seen} >= {
        "find_by_marker",
        "create",
        "get",
        "update_fields",
        "comment",
        "transition",
        *KEPT,
    }
