"""An action item and its issue in a tracker: people there claim, evidence alone closes both."""

import datetime as dt
from copy import deepcopy

import pytest

from accounts.access import Denied
from accounts.roles import Role
from findings.models import ActionItem, OutboxMessage, Ticket, TicketPlace
from findings.selectors.tickets import ticket_told, tickets_seen
from findings.services.action_item_tickets import action_item_open_ticket
from findings.services.action_items import ActionItemRefused
from findings.services.outbox import outbox_due
from findings.services.ticket_moves import SaidMove, ticket_move
from findings.services.tickets import TicketRefused, ticket_add
from tests.factories.accounts import AccountFactory, OuFactory, person_with
from tests.factories.findings import ScanAccountFactory, ScanFactory
from tests.factories.tickets import ConnectionFactory, open_finding
from tests.findings.services.guarded import OPEN, SEALED, Guarded
from tests.modules import rows_for_a_module
from tests.workers.fake_tracker import FakeTracker
from workers.ticket_poll import connection_poll
from workers.ticket_sync import ticket_sync

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
DONE, TODO, REFUSED = "13", "11", "14"


class Desk(Guarded):
    """With a ticket in a tracker, or on the board."""

    def __init__(self, *, on_board=False):
        super().__init__()
        self.tracker = FakeTracker()
        organization = self.lab.organization
        self.connection = None if on_board else ConnectionFactory(organization=organization)
        self.ticket = action_item_open_ticket(
            actor=None, item=self.item, connection=self.connection, project="OPS", now=self.lab.now
        )
        self.follow()

    def again(self):
        found = super().again()
        found.tracker = deepcopy(self.tracker)
        found.ticket = Ticket.objects.get(pk=self.ticket.pk)
        return found

    def follow(self):
        told = super().follow()
        if hasattr(self, "ticket"):
            self.exchange()
        return told

    def exchange(self):
        for _ in range(3):
            OutboxMessage.objects.update(not_before=self.lab.now)
            for ticket in outbox_due(now=self.lab.now):
                ticket_sync(
                    ticket_id=ticket,
                    clock=lambda: self.lab.now,
                    chance=0.0,
                    trackers=lambda connection: self.tracker,
                )
        self.ticket.refresh_from_db()

    def said(self, status):
        """Somebody moves the issue; the poll finds it."""
        self.lab.wait(hours=1)
        self.tracker.now += HOUR
        self.tracker.set_status(self.ticket.external_id, status)
        connection_poll(
            connection=self.connection,
            now=self.lab.now,
            trackers=lambda connection: self.tracker,
        )
        self.exchange()
        return self.follow()

    @property
    def issue(self):
        (issue,) = self.tracker.issues.values()
        return issue

    def both(self, first, second):
        """Scans whose boxes differ by account."""
        self.scan(first, accounts=[self.lab.account.account_id])
        return self.scan(second, accounts=[self.other.account_id])


@pytest.fixture(scope="module")
def desk_of_module(django_db_setup, django_db_blocker):
    with rows_for_a_module(django_db_blocker):
        yield Desk()


@pytest.fixture
def desk(desk_of_module, db):
    """With its issue made; what a test does there and here is undone."""
    return desk_of_module.again()


def states(ticket):
    guarded = ticket.places.exclude(state="named")
    return sorted(guarded.values_list("state", flat=True))


def test_it_says_what_there_is_to_do_where(desk):
    assert desk.issue.title == desk.item.title
    assert "0 of 2 accounts verified" in desk.issue.description
    assert desk.ticket.due_on == desk.item.due_at.date()
    assert desk.ticket.severity == desk.item.incident.severity


def test_their_done_is_a_claim_that_only_a_scan_verifies_and_that_closes_both(desk):
    assert desk.said(DONE) == ("claimed", "open")
    assert desk.item.claimed_by is None
    assert states(desk.ticket) == ["claimed", "claimed"]
    assert desk.ticket.is_live
    assert desk.scan() == ("verified", "guarded")
    assert (desk.ticket.is_live, desk.issue.status_id) == (False, DONE)
    assert "2 of 2 accounts verified" in desk.issue.description


def test_a_claim_made_here_closes_the_issue_there_once_it_is_verified(desk):
    desk.claim()
    assert desk.issue.status_id != DONE
    desk.scan()
    assert (desk.ticket.is_live, desk.issue.status_id) == (False, DONE)


def test_an_account_that_no_scan_can_enter_is_named_and_verifies_nothing(desk):
    desk.said(DONE)
    scan = ScanFactory(organization=desk.lab.organization)
    ScanAccountFactory(scan=scan, account=desk.other, access="role_missing")
    ActionItem.objects.update(claim_scan=scan)
    assert desk.scan(accounts=[desk.lab.account.account_id]) == ("claimed", "open")
    assert messages(desk.ticket) == ["", "cannot be verified, not collected: role missing"]
    assert "role missing" in desk.issue.description
    desk.other.excluded, desk.other.excluded_reason = True, "old"
    desk.other.save()
    assert desk.follow() == ("claimed", "open")
    assert messages(desk.ticket)[1].endswith("it is not scanned any more")
    assert states(desk.ticket) == ["claimed", "verified"]
    desk.other.excluded, desk.other.excluded_reason = False, ""
    desk.other.save()
    assert desk.scan() == ("verified", "guarded")
    assert messages(desk.ticket) == ["", ""]


def messages(ticket):
    return list(
        ticket.places.exclude(state="named").order_by("account").values_list("message", flat=True)
    )


def test_a_rejected_claim_sends_the_ticket_back_with_what_fails(desk):
    desk.said(DONE)
    assert desk.both(SEALED, OPEN) == ("open", "open")
    assert states(desk.ticket) == ["open", "verified"]
    assert desk.issue.status_id != DONE
    (said,) = (comment for comment in desk.issue.comments if comment.our_id)
    assert "1 of 2 accounts verified. It still fails here" in said.body
    assert "1 result fails" in said.body
    assert desk.other.account_id in said.body
    assert "1 of 2 accounts verified" in desk.issue.description
    assert desk.said(DONE) == ("claimed", "open")
    assert states(desk.ticket) == ["claimed", "claimed"]
    assert desk.scan() == ("verified", "guarded")
    assert desk.issue.status_id == DONE


def test_a_later_fail_opens_the_issue_again_with_the_item_and_the_learning(desk):
    desk.said(DONE)
    desk.scan()
    assert desk.scan(OPEN) == ("open", "regressed")
    assert (desk.ticket.is_live, desk.issue.status_id) == (True, TODO)
    assert "0 of 2 accounts verified" in desk.issue.description


def test_who_takes_done_back_there_takes_the_claim_back(desk):
    desk.said(DONE)
    assert desk.said(TODO) == ("open", "open")
    assert states(desk.ticket) == ["open", "open"]
    assert desk.scan() == ("open", "open")
    assert desk.ticket.is_live


def test_wont_do_closes_nothing(desk):
    assert desk.said(REFUSED) == ("open", "open")
    assert desk.scan() == ("open", "open")
    assert (desk.ticket.is_live, desk.ticket.wont_do) == (True, True)


def test_what_was_decided_after_it_was_said_goes_before_it():
    desk = Desk(on_board=True)
    desk.claim()
    done = SaidMove(status="done")
    desk.lab.wait(hours=1)
    ticket_move(actor=None, ticket=desk.ticket, move=done, now=desk.lab.now)
    assert desk.scan(OPEN) == ("open", "open")
    assert desk.follow() == ("open", "open")
    assert desk.item.rejected_claims == 1
    assert desk.ticket.status == "in_progress"


def test_on_our_board_done_is_a_claim_too_and_a_scan_of_one_account_closes_nothing():
    desk = Desk(on_board=True)
    desk.lab.wait(hours=1)
    ticket_move(actor=None, ticket=desk.ticket, move=SaidMove(status="done"), now=desk.lab.now)
    assert desk.follow() == ("claimed", "open")
    assert desk.scan(accounts=[desk.other.account_id]) == ("claimed", "open")
    assert states(desk.ticket) == ["claimed", "verified"]
    assert desk.ticket.is_live
    assert desk.scan() == ("verified", "guarded")
    assert (desk.ticket.is_live, desk.ticket.status) == (False, "done")


def test_an_item_has_one_ticket_and_a_new_one_once_its_issue_is_gone(desk):
    with pytest.raises(ActionItemRefused, match="already"):
        action_item_open_ticket(actor=None, item=desk.item, now=desk.lab.now)
    finding = open_finding(account=desk.lab.account)
    with pytest.raises(TicketRefused, match="action item"):
        ticket_add(actor=None, ticket=desk.ticket, findings=[finding], now=desk.lab.now)
    Ticket.objects.update(detached_at=desk.lab.now)
    assert action_item_open_ticket(actor=None, item=desk.item, now=desk.lab.now) != desk.ticket


def test_a_ticket_elsewhere_is_refused_and_a_verified_item_needs_none(desk):
    fresh = Guarded()
    foreign = ConnectionFactory()
    with pytest.raises(TicketRefused, match="active connection"):
        action_item_open_ticket(actor=None, item=fresh.item, connection=foreign, now=fresh.lab.now)
    fresh.claim()
    fresh.scan()
    with pytest.raises(ActionItemRefused, match="verified"):
        action_item_open_ticket(actor=None, item=fresh.item, now=fresh.lab.now)


def test_who_does_not_see_all_that_the_incident_names_sees_no_ticket_of_it(desk):
    organization, incident = desk.lab.organization, desk.item.incident
    prod = OuFactory(organization=organization)
    for account in (desk.lab.account, desk.other):
        account.ou = prod
        account.save()
    person = person_with(Role.CONTRIBUTOR, ou=prod)
    everyone = person_with(Role.VIEWER, organization=organization)
    assert not tickets_seen(person).exists()
    assert tickets_seen(everyone).exists()
    incident.accounts.set([desk.lab.account])
    desk.follow()
    assert list(tickets_seen(person)) == [desk.ticket]
    told = ticket_told(person, desk.ticket)
    assert (told.title, told.is_whole) == (desk.item.title, True)
    assert "0 of 2 accounts verified" in told.body
    incident.accounts.add(AccountFactory(organization=organization))
    desk.follow()
    assert not tickets_seen(person).exists()
    assert not TicketPlace.objects.visible_to(person).exists()
    with pytest.raises(Denied):
        ticket_move(
            actor=person, ticket=desk.ticket, move=SaidMove(status="done"), now=desk.lab.now
        )
