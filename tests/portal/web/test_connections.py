import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry
from findings.models import Connection, ConnectionKind, ConnectionProject, ConnectionTrial
from findings.services.connection_trials import trial_claim, trial_finish
from findings.services.connections import board_of, connection_save
from findings.services.credentials import credentials_of
from findings.services.tickets import ticket_open
from tests.factories.tickets import RouteFactory
from tests.portal.web.pages import links_of, main_text_of, text_of

LIST, NEW = reverse("connection-list"), reverse("connection-create")
NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
SECRET = "hunter2-and-more"
JIRA = {"name": "Jira", "base_url": "https://example.atlassian.net", "user": "bot@example.com"}
GITHUB = {"name": "GitHub", "base_url": "https://github.com"}
APP = {"app_id": "7", "private_key": "-----BEGIN KEY-----"}
STEPS = [
    {"name": "authenticate", "is_ok": True, "detail": "We are Cairn."},
    {"name": "project", "is_ok": False, "detail": "There is no project OPS."},
    {"name": "transitions", "is_ok": None, "detail": "Not tried."},
]


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def connection(world):
    row = Connection(organization=world.ours, kind=ConnectionKind.GITHUB, **GITHUB)
    given = {"token": SECRET, "webhook_secret": "s1"}
    return connection_save(actor=None, connection=row, credentials=given, now=NOW)


def page(row, act="detail"):
    return reverse(f"connection-{act}", args=[row.uid])


def new(kind):
    return f"{NEW}?kind={kind}"


def stored():
    return credentials_of(Connection.objects.get())


def test_a_tracker_is_connected_and_its_token_never_shown(sign_in, world):
    client = sign_in("administrator")
    assert "Jira Data Center" in text_of(client.get(NEW))
    answer = client.post(new("jira_cloud"), {**JIRA, "token": SECRET}, follow=True)
    made = Connection.objects.get()
    assert (made.organization, made.kind, made.health) == (world.ours, "jira_cloud", "untested")
    assert stored() == {"user": "bot@example.com", "token": SECRET}
    for where in (LIST, page(made), page(made, "edit")):
        assert SECRET not in client.get(where).content.decode()
    assert "token, user" in main_text_of(answer)


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("jira_cloud", {**JIRA}, "Give a token"),
        ("jira_cloud", {**JIRA, "token": SECRET, "base_url": ""}, "Give the address"),
        ("jira_cloud", {**JIRA, "token": SECRET, "base_url": "javascript:x"}, "valid URL"),
        ("jira_data_center", {**JIRA, "token": SECRET, "base_url": "https://u:p@x.org"}, "alone"),
        ("github", {**GITHUB}, "Give a token"),
        ("github", {**GITHUB, "app_id": "7"}, "id and private key"),
        ("github", {**GITHUB, **APP, "token": SECRET}, "not both"),
        ("github", {**GITHUB, "token": "a\0b"}, "Null characters"),
        ("api", {"name": ""}, "required"),
    ],
)
def test_what_is_wrong_is_said_nothing_saved_and_no_secret_echoed(sign_in, kind, fields, told):
    answer = sign_in("administrator").post(new(kind), fields)
    assert answer.status_code == 422
    assert told in main_text_of(answer)
    assert SECRET not in answer.content.decode()
    assert APP["private_key"] not in answer.content.decode()
    assert not Connection.objects.exists()


def test_kinds_without_an_adapter_need_no_credentials(sign_in, world):
    client = sign_in("administrator")
    for kind in ("api", "builtin"):
        assert client.post(new(kind), {"name": kind}).status_code == 302
    assert board_of(world.ours).name == "builtin"
    for wrong in ("builtin", "servicenow", "x"):
        assert client.get(new(wrong)).status_code == 400, wrong


def test_a_credential_is_replaced_and_the_others_stay(sign_in, connection):
    client = sign_in("administrator")
    client.post(page(connection, "edit"), {**GITHUB, "webhook_secret": "s1 s2"})
    assert stored() == {"token": SECRET, "webhook_secret": "s1 s2"}
    client.post(page(connection, "edit"), {**GITHUB, "name": "Other"})
    assert stored() == {"token": SECRET, "webhook_secret": "s1 s2"}
    client.post(page(connection, "edit"), {**GITHUB, **APP})
    assert stored() == {**APP, "webhook_secret": "s1 s2"}
    client.post(page(connection, "edit"), {**GITHUB, "token": "t2"})
    assert stored() == {"token": "t2", "webhook_secret": "s1 s2"}


def test_at_another_address_they_are_asked_for_again(sign_in, connection):
    client = sign_in("administrator")
    moved = {**GITHUB, "base_url": "https://github.example.org"}
    answer = client.post(page(connection, "edit"), moved)
    assert answer.status_code == 422
    assert "At another address" in main_text_of(answer)
    assert client.post(page(connection, "edit"), {**moved, "token": "t2"}).status_code == 302
    assert stored() == {"token": "t2"}


def test_how_it_stands_is_told(sign_in, connection):
    until = NOW + dt.timedelta(hours=1)
    Connection.objects.update(
        health="failing", health_message="authenticate: 401", breaker_until=until
    )
    ConnectionProject.objects.create(
        connection=connection, project="o/n", breaker_until=until, failures=3, error="Archived."
    )
    text = main_text_of(sign_in("administrator").get(page(connection)))
    assert "Paused authenticate: 401" in text
    assert f"http://testserver/hooks/{connection.uid}/ none came yet; changes are polled" in text
    assert "nothing is sent before 2026-03-02 13:00" in text
    assert "o/n never Paused until 2026-03-02 13:00 Archived." in text
    assert "authenticate: 401" in main_text_of(sign_in("administrator").get(LIST))


def test_it_is_switched_off_and_on(sign_in, connection):
    client = sign_in("administrator")
    client.post(page(connection, "switch"))
    assert not Connection.objects.get().is_active
    assert "Switched off" in main_text_of(client.get(LIST))
    client.post(page(connection, "switch"))
    assert Connection.objects.get().is_active
    assert stored()["token"] == SECRET


def test_a_test_is_asked_for_followed_and_read(sign_in, connection, world):
    client = sign_in("administrator")
    finding = world.finding()
    asked = {"project": "o/n", "finding": finding.uid}
    assert client.post(page(connection, "test"), asked).url == page(connection)
    trial = ConnectionTrial.objects.get()
    assert (trial.project, trial.finding) == ("o/n", finding)
    waiting = client.get(page(connection))
    assert "Waits for a worker" in main_text_of(waiting)
    assert 'hx-trigger="every 2s"' in waiting.content.decode()
    again = client.post(page(connection, "test"), asked)
    assert again.status_code == 422
    assert "under way already" in main_text_of(again)
    claimed = trial_claim(trial_id=trial.pk, now=NOW)
    assert "Under way" in main_text_of(client.get(page(connection)))
    request = {"method": "POST", "path": "/repos/o/n/issues", "body": {"title": "<b>Log</b>"}}
    trial_finish(trial=claimed, steps=STEPS, request=request, error="", now=NOW)
    answer = client.get(page(connection))
    text = main_text_of(answer)
    assert "project Failed There is no project OPS." in text
    assert "transitions Not known Not tried." in text
    assert "POST /repos/o/n/issues" in text
    assert "&lt;b&gt;Log&lt;/b&gt;" in answer.content.decode()
    assert "hx-trigger" not in answer.content.decode()


def test_a_test_that_could_try_nothing_is_no_pass(sign_in, connection):
    client = sign_in("administrator")
    client.post(page(connection, "test"), {"project": "o/n"})
    claimed = trial_claim(trial_id=ConnectionTrial.objects.get().pk, now=NOW)
    steps = [{"name": "authenticate", "is_ok": None, "detail": "No answer."}]
    trial_finish(trial=claimed, steps=steps, request=None, error="", now=NOW)
    text = main_text_of(client.get(page(connection)))
    assert "Unknown" in text
    assert "Pass" not in text


def test_a_test_as_for_a_route(sign_in, connection, world):
    route = RouteFactory(organization=world.ours, connection=connection, field_map={"a": 1})
    other = RouteFactory(organization=world.ours)
    client = sign_in("administrator")
    shown = client.get(f"{page(connection)}?route={route.uid}")
    assert f'value="{route.uid}" selected' in shown.content.decode()
    assert client.post(page(connection, "test"), {"route": other.uid}).status_code == 422
    assert client.post(page(connection, "test"), {"route": "x"}).status_code == 422
    assert client.post(page(connection, "test"), {"route": route.uid}).status_code == 302
    assert ConnectionTrial.objects.get().fields == {"a": 1}


def test_what_cannot_be_tested_says_so(sign_in, world, connection):
    client = sign_in("administrator")
    board = page(board_of(world.ours), "test")
    assert client.post(board, {"project": "x"}).status_code == 422
    empty = client.post(page(connection, "test"), {})
    assert "say in which project" in main_text_of(empty)
    foreign = world.finding(world.foreign).uid
    sent = {"project": "o/n", "finding": foreign}
    assert client.post(page(connection, "test"), sent).status_code == 422
    assert not ConnectionTrial.objects.exists()


def test_everybody_of_the_organization_sees_that_it_is_there_and_no_more(sign_in, connection):
    ConnectionTrial.objects.create(connection=connection, asked_at=NOW, project="hidden/project")
    Connection.objects.update(health="failing", health_message="hidden message")
    for who in ("viewer", "contributor", "viewer of Prod", "administrator of Prod"):
        client = sign_in(who)
        assert page(connection) in links_of(client.get(LIST))
        text = text_of(client.get(page(connection)))
        assert "hidden" not in text
        assert "github.com" not in text
        assert "New connection" not in text_of(client.get(LIST))
        assert client.get(NEW).status_code == 403
        for act in ("edit", "switch", "test"):
            assert client.post(page(connection, act)).status_code == 403, (who, act)
    assert page(connection) not in links_of(sign_in("stranger").get(LIST))
    assert sign_in("stranger").post(page(connection, "test")).status_code == 404
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(LIST))


def test_an_unused_connection_is_deleted_after_a_look_at_what_goes_with_it(sign_in, connection):
    ConnectionTrial.objects.create(connection=connection, asked_at=NOW)
    client = sign_in("administrator")
    assert page(connection, "delete") in links_of(client.get(page(connection)))
    asked = client.get(page(connection, "delete"))
    assert (asked.context["uses"].trials, asked.context["uses"].keep_it) == (1, False)
    assert Connection.objects.filter(pk=connection.pk).exists()
    told = text_of(client.post(page(connection, "delete"), follow=True))
    assert "The connection is deleted" in told
    assert not Connection.objects.filter(pk=connection.pk).exists()
    entry = AuditEntry.objects.get(action="connection.delete")
    assert (entry.actor.username, entry.before["name"], entry.before["trials"]) == (
        "administrator", "GitHub", 1
    )  # fmt: skip
    assert SECRET not in str(entry.before)


@pytest.mark.parametrize(("who", "status"), [("contributor", 403), ("stranger", 404)])
def test_others_delete_none(sign_in, connection, who, status):
    assert sign_in(who).post(page(connection, "delete")).status_code == status
    assert Connection.objects.filter(pk=connection.pk).exists()


def test_a_connection_that_tickets_or_routes_need_stays_and_says_so(sign_in, world, connection):
    RouteFactory(organization=world.ours, connection=connection, name="to GitHub")
    ticket_open(actor=None, findings=[world.finding()], connection=connection, now=NOW)
    client = sign_in("administrator")
    told = main_text_of(client.get(page(connection, "delete")))
    assert "to GitHub" in told
    assert "1 live, 0 closed" in told
    assert "Delete it" not in told
    answer = client.post(page(connection, "delete"))
    assert answer.status_code == 409
    assert "has 1 ticket and 1 route, which name it" in main_text_of(answer)
    assert Connection.objects.filter(pk=connection.pk).exists()
    assert not AuditEntry.objects.filter(action="connection.delete").exists()


def test_the_board_stays(sign_in, world):
    board = board_of(world.ours)
    client = sign_in("administrator")
    assert "Delete" not in main_text_of(client.get(page(board)))
    assert client.post(page(board, "delete")).status_code == 400
