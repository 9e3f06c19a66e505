"""Drift, and settling it by hand."""

import pytest

from accounts.access import Denied
from accounts.roles import Role
from findings.selectors.tickets import drift
from findings.services.outbox import (
    ticket_lease,
)
from findings.services.ticket_drift import Side, drift_resolve
from findings.services.tickets import TicketRefused
from findings.ticketing.merge import CONTESTED_AFTER
from tests.factories.accounts import person_with
from tests.workers.ticket_sync.desk import DAY, MINUTE, told_of

pytestmark = pytest.mark.django_db


def test_an_issue_that_is_gone_is_made_anew_when_a_person_wants_it(desk):
    desk.open().run()
    desk.tracker.issues.clear()
    desk.wait(2 * DAY).poll()
    first = desk.ticket.key
    drift_resolve(actor=None, ticket=desk.ticket, side=Side.OURS, now=desk.now)
    desk.settle().assert_level()
    assert desk.tracker.writes == ["create", "create"]
    assert told_of(desk, "unlinked") == [{"key": first}]
    assert told_of(desk, "linked") == [{"key": first}, {"key": desk.ticket.key}]


@pytest.fixture
def contested(desk):
    desk.open().run().poll()
    for number in range(CONTESTED_AFTER + 1):
        desk.wait(MINUTE).tracker.edit(desk.ticket.external_id, priority=f"theirs {number}")
        desk.poll()
    return desk


def test_a_field_they_insist_on_is_left_and_shown_until_a_person_decides(contested):
    assert contested.ticket.drift == {"priority": f"theirs {CONTESTED_AFTER}"}
    assert contested.tracker.writes.count("update_fields") == CONTESTED_AFTER
    drift_resolve(actor=None, ticket=contested.ticket, side=Side.OURS, now=contested.now)
    contested.settle().assert_level()
    assert contested.ticket.drift == {}


@pytest.mark.one_database
def test_theirs_may_stand(contested):
    drift_resolve(actor=None, ticket=contested.ticket, side=Side.THEIRS, now=contested.now)
    contested.settle()
    assert (contested.ticket.drift, contested.issue.priority) == (
        {},
        f"theirs {CONTESTED_AFTER}",
    )
    assert contested.tracker.writes.count("update_fields") == CONTESTED_AFTER


def test_what_they_opened_again_after_evidence_closed_it_is_shown_and_closed_on_demand(desk):
    desk.open().run().fixed()
    desk.tracker.set_status(desk.ticket.external_id, "12")
    desk.wait(2 * MINUTE).poll()
    viewer = person_with(Role.VIEWER, organization=desk.account.organization)
    assert [(line.what, line.theirs) for line in drift(viewer)] == [("status", "Status 12")]
    with pytest.raises(Denied):
        drift_resolve(actor=viewer, ticket=desk.ticket, side=Side.OURS, now=desk.now)
    with pytest.raises(TicketRefused, match="Nothing of theirs"):
        drift_resolve(actor=None, ticket=desk.ticket, side=Side.THEIRS, now=desk.now)
    desk.ticket.refresh_from_db()
    drift_resolve(actor=None, ticket=desk.ticket, side=Side.OURS, now=desk.now)
    desk.settle().assert_level()
    assert desk.issue.status_id == "13"
    assert drift(viewer) == []


def test_what_is_synchronized_right_now_is_not_settled(desk):
    desk.open().run()
    ticket_lease(ticket_id=desk.ticket.pk, now=desk.now)
    with pytest.raises(TicketRefused, match="Try again in a minute"):
        drift_resolve(actor=None, ticket=desk.ticket, side=Side.OURS, now=desk.now)
