"""The example of a client, as a process, between the running portal and a tracker of others."""

import subprocess
import sys

import pytest
from django.conf import settings as project
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.services.tokens import token_issue
from findings.models import Episode, Ticket, TicketComment, TicketEvent
from findings.services.ticket_feed import ticket_refresh
from findings.services.tickets import ticket_comment, ticket_open
from tests.factories.accounts import AccountFactory, person_with
from tests.factories.tickets import ConnectionFactory, open_finding
from tests.portal.api.foreign_tracker import ForeignTracker, serving

CLIENT = project.BASE_DIR / "docs" / "examples" / "sync_client.py"


@pytest.fixture
def account(transactional_db):
    return AccountFactory()


@pytest.fixture
def connection(account):
    organization = account.organization
    return ConnectionFactory(organization=organization, kind="api", base_url="")


@pytest.fixture
def tracker():
    with serving(ForeignTracker()) as tracker:
        yield tracker


@pytest.fixture
def run(live_server, connection, tracker, tmp_path):
    """One run of the client; what it wrote on either side."""
    person = person_with(Role.CONTRIBUTOR, organization=connection.organization)
    token = token_issue(
        actor=None,
        user=person,
        name="sync",
        days=1,
        scopes=["read", "tickets:write"],
        now=timezone.now(),
    )
    environment = {
        "CAIRN_URL": live_server.url,
        "CAIRN_TOKEN": token.plaintext,
        "CAIRN_CONNECTION": str(connection.uid),
        "TRACKER_URL": tracker.url,
    }

    def once(code=0):
        before = rows(), len(tracker.writes)
        command = [sys.executable, str(CLIENT), str(tmp_path / "state.json")]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == code, done.stderr
        assert token.plaintext not in done.stdout + done.stderr
        return rows() - before[0], tracker.writes[before[1] :]

    return once


def rows():
    """Whatever happens to a ticket adds to one of these."""
    return sum(model.objects.count() for model in (TicketEvent, TicketComment, AuditEntry))


def opened(account, connection, **fields):
    finding = open_finding(account=account)
    return ticket_open(
        actor=None, findings=[finding], connection=connection, now=timezone.now(), **fields
    )


def test_a_foreign_tracker_is_kept_in_step_and_a_second_run_writes_nothing(
    run, account, connection, tracker
):
    ticket = opened(account, connection)
    ticket_comment(actor=None, ticket=ticket, body="Before Friday.", now=timezone.now())
    tracker.create({"title": "of nobody's concern", "state": "open"})

    assert run()[1] == ["POST /issues", "POST /issues/2/comments"]
    issue = tracker.issues["2"]
    ticket.refresh_from_db()
    assert (ticket.external_id, ticket.name, ticket.url) == ("2", "F-2", issue["url"])
    assert (issue["title"], issue["state"]) == (ticket.title, "open")
    assert ticket.desired["block"] in issue["body"]
    assert "Before Friday." in issue["comments"][0]["body"]
    assert run() == (0, [])

    tracker.change("2", {"state": "done", "assignee": "jo"})
    tracker.say("2", "Sealed it.", "jo")
    assert run()[1] == ["PATCH /issues/2"]  # the body says that it is claimed
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee, ticket.is_live) == ("done", "jo", True)
    assert Episode.objects.get().workflow == "fix_claimed"
    assert ticket.comments.get(origin="tracker").body == "Sealed it."
    assert run() == (0, [])

    Episode.objects.update(workflow="in_progress", claimed_at=None)  # a scan saw it fail
    ticket_refresh(ticket=ticket, now=timezone.now())
    assert run()[1] == ["PATCH /issues/2", "POST /issues/2/comments"]
    assert issue["state"] == "doing"
    assert run() == (0, [])
    assert run() == (0, [])
    assert len(tracker.issues) == 2


def test_an_issue_of_a_run_that_died_is_found_and_what_fails_stops_no_other(
    run, account, connection, tracker
):
    first, second = (opened(account, connection) for _ in range(2))
    for _ in range(2):
        tracker.create({"title": first.title, "state": "doing", "marker": str(first.uid)})
    Ticket.objects.filter(pk=first.pk).update(external_id="2")
    run(code=1)  # of two issues Cairn keeps to the one that it knows
    second.refresh_from_db()
    assert second.external_id == "3"
    del tracker.issues["1"]
    run()
    first.refresh_from_db()
    assert (first.external_id, first.status, len(tracker.issues)) == ("2", "in_progress", 2)
    assert run() == (0, [])
