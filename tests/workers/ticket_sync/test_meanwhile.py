"""What others do to a ticket while it is exchanged with its tracker."""

import pytest

from findings.models import (
    Ticket,
)
from findings.services.outbox import (
    LEASE,
    LeaseLost,
    lease_keep,
    outbox_due,
    ticket_lease,
)
from findings.services.tickets import ticket_edit
from findings.ticketing import block

pytestmark = pytest.mark.django_db


@pytest.mark.one_database
def test_who_edits_between_reading_and_writing_loses_nothing(desk):
    desk.open().run()
    external_id = desk.ticket.external_id
    ticket_edit(actor=None, ticket=desk.ticket, note="ours", now=desk.now)

    def edit(number, moment):
        if moment == "before update_fields":
            desk.tracker.on_call = lambda number, moment: None
            desk.tracker.edit(
                external_id, description=f"Mine!\n\n{desk.tracker.issues[external_id].description}"
            )

    desk.tracker.on_call = edit
    desk.run()
    assert block.around(desk.issue.description, f"cairn-{desk.ticket.uid.hex}") == "Mine!"
    desk.assert_level()


def test_what_is_asked_while_it_is_worked_on_is_not_lost(desk):
    desk.open()

    def change(number, moment):
        if moment == "after create":
            ticket_edit(actor=None, ticket=desk.ticket, title="Meanwhile", now=desk.now)

    desk.tracker.on_call = change
    desk.run().run()
    assert desk.issue.title == "Meanwhile"
    desk.assert_level()


@pytest.mark.one_database
def test_what_changes_while_it_is_compared_is_compared_again_at_once(desk):
    desk.open().run()
    ticket_edit(actor=None, ticket=desk.ticket, title="Before", now=desk.now)

    def change(number, moment):
        if moment == "after get":
            desk.tracker.on_call = lambda number, moment: None
            ticket_edit(actor=None, ticket=desk.ticket, title="Meanwhile", now=desk.now)

    desk.tracker.on_call = change
    desk.run()
    assert desk.issue.title == "Meanwhile"


def test_one_worker_at_a_time_has_a_ticket(desk):
    desk.open()
    held = ticket_lease(ticket_id=desk.ticket.pk, now=desk.now)
    assert ticket_lease(ticket_id=desk.ticket.pk, now=desk.now) is None
    assert outbox_due(now=desk.now) == []
    desk.wait(LEASE)
    assert ticket_lease(ticket_id=desk.ticket.pk, now=desk.now) is not None
    with pytest.raises(LeaseLost):
        lease_keep(ticket=held, now=desk.now, key="stale")
    assert Ticket.objects.get().key == ""


def test_a_worker_that_lost_its_lease_stops_before_it_creates(desk):
    desk.open()

    def steal(number, moment):
        if moment == "after find_by_marker":
            desk.tracker.on_call = lambda number, moment: None
            desk.wait(2 * LEASE)
            ticket_lease(ticket_id=desk.ticket.pk, now=desk.now)

    desk.tracker.on_call = steal
    desk.run()
    assert desk.tracker.writes == []
