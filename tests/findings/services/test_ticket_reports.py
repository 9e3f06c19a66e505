"""What a client of the API tells of a tracker without an adapter."""

import datetime as dt

import pytest

from accounts.access import Denied
from accounts.roles import Role
from findings.models import Episode, Suppression, TicketStatus
from findings.services.ticket_feed import ticket_refresh
from findings.services.ticket_moves import SaidMove
from findings.services.ticket_reports import Report, ReportedComment, ticket_report
from findings.services.tickets import TicketRefused, ticket_open
from tests.factories.accounts import AccountFactory, person_with
from tests.factories.tickets import NOW, ConnectionFactory, open_finding

pytestmark = pytest.mark.django_db
THEN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def ticket(account):
    connection = ConnectionFactory(organization=account.organization, kind="api", base_url="")
    return ticket_open(
        actor=None, findings=[open_finding(account=account)], connection=connection, now=NOW
    )


def tell(ticket, actor=None, **fields):
    return ticket_report(actor=actor, ticket=ticket, report=Report(**fields), now=NOW)


def moved(status, at=THEN, **fields):
    return SaidMove(status=TicketStatus(status), at=at, **fields)


def kinds(ticket):
    return [event.kind for event in ticket.events.order_by("number")]


def test_what_is_told_is_taken_over_once(ticket):
    said = {
        "external_id": "77",
        "key": "X-77",
        "url": "https://x.example.com/77",
        "status": moved("in_progress"),
        "assignee": "jo",
        "comments": [ReportedComment(external_id="1", body="On it.", author="jo")],
    }
    for _ in range(2):
        told = tell(ticket, **said)
    assert (told.key, told.status, told.assignee) == ("X-77", "in_progress", "jo")
    assert ticket.comments.get().body == "On it."
    assert kinds(ticket) == ["opened", "linked", "moved", "assigned", "commented"]


def test_done_is_a_claim_once_and_a_later_done_a_new_one(ticket):
    tell(ticket, status=moved("done"))
    assert Episode.objects.get().workflow == "fix_claimed"
    Episode.objects.update(workflow="in_progress", claimed_at=None)
    back = ticket_refresh(ticket=ticket, now=NOW)
    assert back.status == "in_progress"
    assert tell(ticket, status=moved("done")).status == "in_progress"
    tell(ticket, status=moved("in_progress", THEN + HOUR))
    assert tell(ticket, status=moved("done", THEN)).status == "in_progress"
    assert tell(ticket, status=moved("done", THEN + 2 * HOUR)).status == "done"
    assert kinds(ticket).count("claimed") == 2


def test_without_a_time_a_state_is_taken_once(ticket):
    for _ in range(2):
        tell(ticket, status=moved("done", None))
    assert kinds(ticket).count("claimed") == 1


def test_wont_do_asks_for_a_suppression(ticket):
    assert tell(ticket, status=moved("done", wont_do=True, who="jo")).wont_do
    assert kinds(ticket)[-1] == "refused"
    asked = Suppression.objects.get()
    assert (asked.asked_by, asked.origin, asked.is_approved) == (None, f"Ticket {ticket}, jo", None)
    assert Episode.objects.get().workflow == "new"


def test_two_tickets_do_not_have_one_issue(account, ticket):
    tell(ticket, external_id="77")
    other = ticket_open(
        actor=None,
        findings=[open_finding(account=account)],
        connection=ticket.connection,
        now=NOW,
    )
    with pytest.raises(TicketRefused, match="has this issue already"):
        tell(other, external_id="77")


def test_only_who_contributes_tells_and_only_of_such_a_tracker(account, ticket):
    with pytest.raises(Denied):
        tell(ticket, actor=person_with(Role.VIEWER, organization=account.organization))
    remote = ticket_open(
        actor=None,
        findings=[open_finding(account=account)],
        connection=ConnectionFactory(organization=account.organization),
        now=NOW,
    )
    with pytest.raises(TicketRefused, match="synchronized by Cairn itself"):
        tell(remote, assignee="jo")


def test_hostile_words_are_kept_without_harm(ticket):
    comments = [
        ReportedComment(external_id="", body="x"),
        ReportedComment(external_id="2", body="\0 "),
        ReportedComment(external_id="3", body="a\0b"),
    ]
    told = tell(ticket, assignee="j\0o" * 200, comments=comments)
    assert len(told.assignee) == 255
    assert [c.body for c in ticket.comments.all()] == ["ab"]
