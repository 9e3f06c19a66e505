"""A ticket of a finding, from the scan that found it open on: claims, refusals, regressions."""

import pytest

from accounts.access import Denied
from accounts.roles import Role
from findings.models import (
    Episode,
    FindingEvent,
    Scan,
    Suppression,
    Ticket,
    TicketStatus,
)
from findings.services.ticket_moves import SaidMove, ticket_return
from findings.services.tickets import TicketRefused
from tests.factories.accounts import person_with
from tests.factories.tickets import ConnectionFactory
from tests.findings.services.following import (
    by_hand,
    fresh,
    kinds,
    move,
    open_box,
    scan,
    sealed_boxes,
)
from tests.findings.services.lab import box, denied, finding

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scanned(django_db_setup, django_db_blocker):
    with sealed_boxes(django_db_blocker) as lab:
        scan(lab, open_box(), box("b"))
        yield lab


@pytest.fixture
def lab(scanned, db):
    """Box *a* was found open the last time."""
    return scanned.again()


@pytest.fixture
def person(lab):
    return person_with(Role.CONTRIBUTOR, organization=lab.organization)


def test_done_is_a_claim_that_a_passing_scan_resolves(lab, person):
    ticket = move(lab, by_hand(lab), actor=person)
    assert (ticket.status, ticket.is_live, finding().is_open) == ("done", True, True)
    episode = Episode.objects.open().get()
    assert episode.workflow == "fix_claimed"
    asked = Scan.objects.get(trigger="claim")
    assert asked.selection == {
        "accounts": [lab.account.account_id],
        "regions": ["eu-west-1"],
        "rows": ["O2"],
    }
    scan(lab, box(), box("b"))
    ticket = fresh(ticket)
    assert (ticket.status, ticket.is_live, ticket.findings_verified) == ("done", False, 1)
    assert kinds(ticket) == ["opened", "moved", "claimed", "closed"]
    with pytest.raises(TicketRefused, match="a scan verified it"):
        move(lab, ticket, SaidMove(status=TicketStatus.TODO))


@pytest.mark.one_database
def test_unknown_leaves_a_claim_as_it_is(lab):
    ticket = move(lab, by_hand(lab))
    scan(lab, facts={"lab.box": denied()})
    assert (fresh(ticket).status, fresh(ticket).is_live) == ("done", True)
    assert not ticket.comments.exists()


@pytest.mark.one_database
def test_a_second_claim_before_the_scan_asks_for_no_second_one(lab):
    ticket = move(lab, by_hand(lab))
    move(lab, ticket, SaidMove(status=TicketStatus.IN_PROGRESS))
    assert Episode.objects.open().get().workflow == "in_progress"
    move(lab, ticket)
    assert Scan.objects.filter(trigger="claim").count() == 1


@pytest.mark.one_database
def test_a_claim_on_what_is_not_scanned_is_still_a_claim(lab):
    ticket = by_hand(lab)
    lab.account.excluded, lab.account.excluded_reason = True, "mine"
    lab.account.save()
    move(lab, ticket)
    assert Episode.objects.open().get().workflow == "fix_claimed"
    assert ticket.events.get(kind="claimed").after == {"claimed": 1, "scan": None}


def test_wont_do_asks_for_a_suppression_and_closes_nothing(lab, person):
    ticket = move(lab, by_hand(lab))
    refused = SaidMove(status=TicketStatus.DONE, wont_do=True, reason=" A sandbox. ")
    ticket = move(lab, ticket, refused, actor=person)
    assert (ticket.wont_do, ticket.is_live, finding().is_open) == (True, True, True)
    assert Episode.objects.open().get().workflow == "in_progress"
    assert ticket.comments.get().body == "Will not be done: A sandbox."
    asked = Suppression.objects.get()
    assert (asked.finding, asked.reason, asked.asked_by) == (finding(), "A sandbox.", person)
    assert asked.is_approved is None
    scan(lab, open_box(), box("b"))
    assert fresh(ticket).wont_do
    ticket = ticket_return(actor=person, ticket=ticket, note="It is no sandbox.", now=lab.now)
    assert (ticket.status, ticket.wont_do) == ("todo", False)
    assert kinds(ticket) == ["opened", "moved", "claimed", "moved", "refused", "returned"]
    with pytest.raises(TicketRefused, match="waits for nothing"):
        ticket_return(actor=person, ticket=ticket, note="", now=lab.now)


@pytest.mark.one_database
def test_work_that_begins_is_seen_on_its_findings(lab, person):
    move(lab, by_hand(lab), SaidMove(status=TicketStatus.IN_PROGRESS), actor=person)
    event = FindingEvent.objects.last()
    assert (event.actor, event.after) == (person, {"workflow": "in_progress"})
    assert event.note.startswith("In ticket #")


@pytest.mark.one_database
def test_only_who_contributes_moves_and_a_tracker_moves_its_own(lab):
    viewer = person_with(Role.VIEWER, organization=lab.organization)
    ticket = by_hand(lab)
    with pytest.raises(Denied):
        move(lab, ticket, actor=viewer)
    with pytest.raises(Denied):
        ticket_return(actor=viewer, ticket=ticket, note="", now=lab.now)
    Ticket.objects.update(connection=ConnectionFactory(organization=lab.organization))
    with pytest.raises(TicketRefused, match="Cairn follows it there"):
        move(lab, ticket)


def test_a_regression_opens_the_ticket_again_twice_and_then_a_new_one_that_names_it(lab):
    ticket = by_hand(lab)
    for _ in range(2):
        scan(lab, box(), box("b"))
        assert not fresh(ticket).is_live
        scan(lab, open_box(), box("b"))
        assert (fresh(ticket).is_live, fresh(ticket).status) == (True, "todo")
    told = [kind for kind in kinds(ticket) if kind != "changed"]
    assert told == ["opened", "closed", "reopened", "closed", "reopened"]
    scan(lab, box(), box("b"))
    scan(lab, open_box(), box("b"))
    assert not fresh(ticket).is_live
    new = Ticket.objects.live().get()
    assert new.predecessor == ticket
    assert f"Follows: #\u2060{ticket.pk}" in new.desired["block"]


@pytest.mark.one_database
def test_a_calm_ticket_is_opened_again_however_often_over_months(lab):
    ticket = by_hand(lab)
    for _ in range(4):
        scan(lab.wait(days=10), box(), box("b"))
        scan(lab.wait(days=10), open_box(), box("b"))
    assert Ticket.objects.get() == ticket


@pytest.mark.one_database
def test_what_leaves_the_scope_closes_and_what_returns_opens(lab):
    ticket = by_hand(lab)
    scan(lab, box(is_sealed=False, label="sample"), box("b"))
    assert not fresh(ticket).is_live
    assert fresh(ticket).findings_verified == 0
    scan(lab, open_box(), box("b"))
    assert fresh(ticket).is_live
    assert Ticket.objects.count() == 1
