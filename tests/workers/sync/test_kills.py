"""A worker that is killed between any two calls or transactions leaves no duplicate."""

from itertools import count

import pytest

from findings.services.tickets import ticket_comment
from tests.workers.fake_tracker import Killed
from tests.workers.sync.site import Site, killed_at, mortal


def test_killed_at_any_moment_of_the_first_push_makes_one_issue(db, lab, monkeypatch):
    """Each moment once, until there is none left."""
    seen = []
    for number in count():
        lab.fake.reset()
        site = mortal(Site(lab))
        ticket, passed = site.open(), count()

        def strike(moment, passed=passed, number=number):
            if next(passed) == number:
                seen.append(moment)
                raise Killed(moment)

        with killed_at(monkeypatch, strike):
            site.tick()
        if len(seen) == number:
            break
        site.drain()
        assert (site.fake.made, len(site.fake.issues)) == (1, 1), seen[-1]
        ticket.refresh_from_db()
        site.assert_level(ticket)
    assert any(moment.startswith("POST") for moment in seen)
    assert {"lease_keep", "exchange_adopt", "exchange_take", "exchange_end"} <= set(seen)


def test_killed_again_and_again_a_ticket_still_lives_its_life(site, monkeypatch):
    """Each turn gets one moment further than the one before, until it is through."""
    mortal(site)
    left, seen = [0, 1], []

    def strike(moment):
        left[0] -= 1
        if not left[0]:
            seen.append(moment)
            left[1] += 1
            raise Killed(moment)

    def lives():
        begun = len(seen)
        left[1] = 1
        for _ in range(60):
            left[0] = left[1]
            before = len(seen)
            site.tick()
            site.wait(minutes=3)
            if len(seen) == before and not site.waits:
                assert len(seen) > begun
                return
        pytest.fail("it never ends")

    with killed_at(monkeypatch, strike):
        ticket = site.open()
        lives()
        site.claim(site.name)
        site.deliver(site.name)
        lives()
        site.judge(ticket, passes=False)
        lives()
        ticket_comment(actor=None, ticket=ticket, body="Now it is.", now=site.now)
        site.judge(ticket, passes=True)
        lives()
    site.drain()
    assert site.fake.made == 1
    site.assert_level(site.ticket)
    assert len(site.remote(site.ticket).comments) == 2
    kinds = [event.kind for event in ticket.events.order_by("number")]
    assert (kinds.count("linked"), kinds.count("claimed"), kinds.count("closed")) == (1, 1, 1)
    site.assert_quiet()
