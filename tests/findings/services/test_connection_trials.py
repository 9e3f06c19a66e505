import pytest

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import ConnectionTrial, Ticket
from findings.services.connection_trials import (
    KEPT,
    LEASE,
    PATIENCE,
    TrialRefused,
    trial_ask,
    trial_claim,
    trial_desired,
    trial_finish,
    trials_waiting,
)
from findings.services.connections import board_of
from findings.services.tickets import ticket_open
from tests.factories.accounts import OrganizationFactory, person_with
from tests.factories.findings import FindingFactory
from tests.factories.tickets import NOW, ConnectionFactory, RouteFactory, open_finding

pytestmark = pytest.mark.django_db
STEP = {"name": "project", "is_ok": True, "detail": "It is there."}


@pytest.fixture
def connection():
    return ConnectionFactory()


@pytest.fixture
def finding(connection):
    return open_finding(account__organization=connection.organization, resource="vault")


def ask(connection, now=NOW, actor=None, **fields):
    return trial_ask(actor=actor, connection=connection, now=now, **fields)


def end(trial, now=NOW, steps=(STEP,), error=""):
    claimed = trial_claim(trial_id=trial.pk, now=now)
    return trial_finish(trial=claimed, steps=steps, request=None, error=error, now=now)


def test_a_trial_is_asked_for_claimed_once_and_answered(connection):
    trial = ask(connection, project="OPS", actor=administrator(connection))
    assert (trial.state, trial.is_passed) == ("waiting", None)
    assert trials_waiting(now=NOW) == [trial.pk]
    claimed = trial_claim(trial_id=trial.pk, now=NOW)
    assert claimed.state == "running"
    assert trial_claim(trial_id=trial.pk, now=NOW) is None
    assert trials_waiting(now=NOW) == []
    assert trial_finish(trial=claimed, steps=[STEP], request=None, error="", now=NOW)
    trial.refresh_from_db()
    assert (trial.state, trial.is_passed, trial.steps) == ("done", True, [STEP])
    assert AuditEntry.objects.get(action="connection.test").after["project"] == "OPS"


def administrator(connection):
    return person_with(Role.ADMINISTRATOR, organization=connection.organization)


@pytest.mark.parametrize(
    ("steps", "error"), [([{**STEP, "is_ok": False}], ""), ([STEP], "It cannot tell.")]
)
def test_what_failed_or_gave_no_answer_did_not_pass(connection, steps, error):
    trial = ask(connection)
    end(trial, steps=steps, error=error)
    trial.refresh_from_db()
    assert trial.is_passed is False


@pytest.mark.parametrize(
    ("steps", "is_passed"),
    [
        ([{**STEP, "is_ok": None}], None),
        ([STEP, {**STEP, "is_ok": None}], None),
        ([STEP, {**STEP, "is_ok": None, "is_needed": False}], True),
        ([STEP, {**STEP, "is_ok": False, "is_needed": False}], False),
        ([{**STEP, "is_ok": None}, {**STEP, "is_ok": False}], False),
        ([], None),
    ],
)
def test_what_could_not_be_tried_is_no_pass(connection, steps, is_passed):
    trial = ask(connection)
    end(trial, steps=steps)
    trial.refresh_from_db()
    assert trial.is_passed is is_passed


def test_what_a_dead_worker_left_is_taken_over_and_the_first_writes_no_more(connection):
    trial = ask(connection)
    first = trial_claim(trial_id=trial.pk, now=NOW)
    assert trials_waiting(now=NOW + LEASE) == [trial.pk]
    second = trial_claim(trial_id=trial.pk, now=NOW + LEASE)
    assert not trial_finish(trial=first, steps=[], request=None, error="", now=NOW + LEASE)
    assert trial_finish(trial=second, steps=[STEP], request=None, error="", now=NOW + LEASE)


def test_one_at_a_time_and_what_nobody_ends_is_no_obstacle(connection):
    first = ask(connection)
    with pytest.raises(TrialRefused, match="under way already"):
        ask(connection)
    ask(ConnectionFactory())
    second = ask(connection, now=NOW + PATIENCE)
    first.refresh_from_db()
    assert first.error.startswith("No worker ended it")
    assert trials_waiting(now=NOW + 2 * PATIENCE) == []
    second.refresh_from_db()
    assert second.is_passed is False


def test_the_last_are_kept(connection):
    for _ in range(KEPT + 2):
        end(ask(connection))
    assert connection.trials.count() == KEPT


def test_a_route_says_where_and_what_is_given_goes_before_it(connection):
    route = RouteFactory(
        organization=connection.organization,
        connection=connection,
        issue_type="Task",
        field_map={"f": 1},
    )
    trial = ask(connection, route=route)
    assert (trial.project, trial.issue_type, trial.fields) == ("OPS", "Task", {"f": 1})
    end(trial)
    given = ask(connection, route=route, project="NET", issue_type="Bug")
    assert (given.project, given.issue_type) == ("NET", "Bug")


def test_a_finding_is_told_as_its_ticket_would_be_and_nothing_is_opened(connection, finding):
    route = RouteFactory(organization=connection.organization, connection=connection)
    desired = trial_desired(ask(connection, route=route, finding=finding))
    assert not Ticket.objects.exists()
    ticket = ticket_open(actor=None, findings=[finding], route=route, now=NOW)
    assert (desired.title, desired.severity) == (ticket.title, ticket.severity)
    assert desired.block == ticket.desired["block"]
    assert "vault" in desired.block
    assert desired.due_date == ticket.due_on is not None


def test_a_ticket_is_told_as_it_stands(connection, finding):
    ticket = ticket_open(
        actor=None, findings=[finding], connection=connection, project="OPS", note="Hurry", now=NOW
    )
    trial = ask(connection, ticket=ticket)
    assert trial.project == "OPS"
    assert "Hurry" in trial_desired(trial).block


def test_what_cannot_be_tried_is_refused(connection, finding):
    elsewhere = open_finding()
    with pytest.raises(TrialRefused, match="nothing to test"):
        ask(board_of(connection.organization))
    with pytest.raises(TrialRefused, match="of the connection's organization"):
        ask(connection, finding=elsewhere)
    ticket = ticket_open(actor=None, findings=[finding], connection=connection, now=NOW)
    with pytest.raises(TrialRefused, match="not both"):
        ask(connection, finding=finding, ticket=ticket)
    with pytest.raises(TrialRefused, match="are closed"):
        ask(connection, finding=FindingFactory(account=finding.account, is_open=False))
    assert not ConnectionTrial.objects.exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
def test_only_administrators_try_connections_and_see_trials(connection, role):
    person = person_with(role, organization=connection.organization)
    with pytest.raises(Denied):
        ask(connection, actor=person)
    ask(connection)
    assert not ConnectionTrial.objects.visible_to(person).exists()
    assert ConnectionTrial.objects.visible_to(administrator(connection)).exists()
    stranger = person_with(Role.ADMINISTRATOR, organization=OrganizationFactory())
    assert not ConnectionTrial.objects.visible_to(stranger).exists()
