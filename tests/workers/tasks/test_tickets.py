import pytest

from findings.models import Connection, ConnectionProject, SlaRule, Ticket
from findings.services.tickets import ticket_open
from tests.factories.accounts import OrganizationFactory
from tests.factories.tickets import NOW, RouteFactory, open_finding
from tests.findings.services.lab import Lab, box, only
from tests.workers.fake_tracker import FakeTracker
from workers.connections import connection_test
from workers.tasks import tickets
from workers.ticket_inbound import delivery_receive
from workers.trackers import registry
from workers.trackers.base import ProbeStep, Target

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracker(monkeypatch, eager_tasks):
    tracker = FakeTracker()
    monkeypatch.setattr(registry, "_FACTORIES", {"github": lambda access: tracker})
    monkeypatch.setattr(registry, "_load", lambda: None)
    return tracker


@pytest.fixture
def route():
    return RouteFactory(organization=OrganizationFactory())


@pytest.fixture
def ticket(route, tracker):
    finding = open_finding(account__organization=route.organization)
    return ticket_open(actor=None, findings=[finding], route=route, now=NOW)


def test_a_minute_sends_what_waits(ticket, tracker):
    tickets.tick()
    ticket.refresh_from_db()
    assert ticket.external_id in tracker.issues
    tickets.tick()
    assert tracker.writes == ["create"]


def test_a_delivery_leads_to_a_look(ticket, tracker):
    tickets.tick()
    ticket.refresh_from_db()
    tracker.assign(ticket.external_id, "jo")
    delivery_receive(
        connection=ticket.connection,
        headers={"X-Signature": "right"},
        body=ticket.external_id.encode(),
        now=NOW,
    )
    tickets.tick()
    ticket.refresh_from_db()
    assert ticket.assignee == "jo"


def test_a_poll_visits_the_connections_that_have_trackers(ticket, tracker):
    tickets.tick()
    tickets.poll()
    assert ConnectionProject.objects.get().cursor
    Connection.objects.update(is_active=False)
    tickets.poll()
    assert tracker.calls.count("list_changed") == 1


def test_findings_are_followed_in_every_organization(tracker):
    lab = Lab(registry=only("box_is_sealed"))
    RouteFactory(organization=lab.organization, auto_since=NOW)
    lab.scan(box())
    lab.wait(days=1).scan(box(is_sealed=False))
    tickets.follow()
    assert Ticket.objects.get().organization == lab.organization


def test_a_rule_reaches_live_tickets(ticket, route):
    SlaRule.objects.create(organization=route.organization, severity="high", days=1)
    tickets.refresh(OrganizationFactory().pk)
    assert Ticket.objects.get().due_on == ticket.due_on
    tickets.refresh()
    assert Ticket.objects.get().due_on == NOW.date().replace(day=3)


def test_a_test_of_a_connection_keeps_how_it_went(route, tracker):
    target = Target(project="OPS")
    connection_test(connection=route.connection, target=target, now=NOW)
    connection = Connection.objects.get()
    assert (connection.health, connection.capabilities["index_lag"]) == ("healthy", 30.0)
    tracker.probe = lambda target: (
        ProbeStep(name="authenticate", is_ok=True, detail="as cairn"),
        ProbeStep(name="project", is_ok=False, detail="there is no OPS"),
    )
    connection_test(connection=connection, target=target, now=NOW)
    connection.refresh_from_db()
    assert (connection.health, connection.health_message) == (
        "failing",
        "project: there is no OPS",
    )


def test_a_test_that_nobody_answered_says_nothing_of_health(route, tracker):
    connection = route.connection
    Connection.objects.update(health="failing", health_message="was so")
    tracker.probe = lambda target: (
        ProbeStep(name="authenticate", is_ok=True, detail="as cairn"),
        ProbeStep(name="project", is_ok=None, detail="no answer; try again later"),
    )
    connection_test(connection=connection, target=Target(project="OPS"), now=NOW)
    connection.refresh_from_db()
    assert (connection.health, connection.health_message) == ("failing", "was so")
    assert connection.checked_at == NOW


def test_a_connection_that_cannot_be_opened_says_why(route, tracker):
    Connection.objects.update(credentials=b"of another key")
    connection = Connection.objects.get()
    (step,) = connection_test(connection=connection, target=Target(project="OPS"), now=NOW)
    assert step.detail.startswith("CREDENTIAL_KEYS is not set")
