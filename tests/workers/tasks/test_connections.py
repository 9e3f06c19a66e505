import pytest

from findings.models import Connection, ConnectionTrial
from findings.services.connection_trials import trial_ask
from tests.factories.tickets import NOW, ConnectionFactory, open_finding
from tests.workers.fake_tracker import FakeTracker
from workers.connection_trials import trial_run
from workers.tasks import tickets
from workers.tasks.connections import try_out
from workers.trackers import registry
from workers.trackers.errors import Transient
from workers.trackers.transport import Request

pytestmark = pytest.mark.django_db


class Rehearsing(FakeTracker):
    def create_request(self, target, issue):
        body = {"project": target.project, "title": issue.title}
        return Request(method="POST", path="/issues", body=body)


@pytest.fixture
def tracker(monkeypatch, eager_tasks):
    tracker = Rehearsing()
    monkeypatch.setattr(registry, "_FACTORIES", {"github": lambda access: tracker})
    monkeypatch.setattr(registry, "_load", lambda: None)
    return tracker


@pytest.fixture
def connection():
    return ConnectionFactory(health=Connection.Health.UNTESTED)


@pytest.fixture
def finding(connection):
    return open_finding(account__organization=connection.organization)


def asked(connection, **fields):
    return trial_ask(actor=None, connection=connection, project="OPS", now=NOW, **fields)


def test_a_trial_tells_every_step_and_what_would_be_sent(connection, finding, tracker):
    trial = asked(connection, finding=finding)
    try_out(trial.pk)
    trial.refresh_from_db()
    assert [step["name"] for step in trial.steps] == ["authenticate", "webhook echo"]
    assert trial.is_passed
    assert (trial.request["method"], trial.request["path"]) == ("POST", "/issues")
    assert trial.request["body"]["project"] == "OPS"
    assert tracker.writes == []
    assert Connection.objects.get().health == "healthy"
    answered_at = trial.finished_at
    try_out(trial.pk)
    trial.refresh_from_db()
    assert trial.finished_at == answered_at


def test_a_minute_takes_up_a_trial_whose_message_was_lost(connection, tracker, monkeypatch):
    trial = asked(connection)
    monkeypatch.setattr(tickets, "trials_waiting", lambda now: [trial.pk])
    tickets.tick()
    trial.refresh_from_db()
    assert trial.state == "done"


def test_what_reading_the_tracker_raises_is_the_answer(connection, finding, tracker):
    def fail(target, issue):
        raise Transient("create metadata: 502")

    tracker.create_request = fail
    trial = asked(connection, finding=finding)
    try_out(trial.pk)
    trial.refresh_from_db()
    assert (trial.error, trial.request) == ("create metadata: 502", None)
    assert len(trial.steps) == 2


def test_an_adapter_that_cannot_rehearse_says_so(connection, finding):
    trial = asked(connection, finding=finding)
    trial_run(trial=trial, clock=lambda: NOW, trackers=lambda _: FakeTracker())
    trial.refresh_from_db()
    assert "cannot tell what it would send" in trial.error


def test_a_connection_that_cannot_be_opened_fails_at_once(connection, tracker):
    Connection.objects.update(credentials=b"of another key")
    trial = asked(connection)
    try_out(trial.pk)
    (step,) = ConnectionTrial.objects.get().steps
    assert (step["name"], step["is_ok"]) == ("open", False)
    assert step["detail"].startswith("CREDENTIAL_KEYS is not set")


def test_refused_deliveries_are_told_and_do_not_make_it_fail(connection, tracker, monkeypatch):
    monkeypatch.setattr(
        "workers.connections.credentials_of", lambda connection: {"webhook_secret": "x"}
    )
    Connection.objects.update(refused_deliveries=3)
    trial = asked(Connection.objects.get())
    try_out(trial.pk)
    trial.refresh_from_db()
    assert trial.steps[-1]["is_ok"] is False
    assert Connection.objects.get().health == "healthy"
