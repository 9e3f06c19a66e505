"""Connections through the API: credentials go in and never come out; tests are jobs."""

import pytest
from cryptography.fernet import Fernet

from accounts.models import AuditEntry
from findings.models import Connection, ConnectionTrial
from findings.services.connection_trials import trial_claim, trial_finish
from findings.services.connections import board_of
from findings.services.credentials import credentials_of
from findings.services.tickets import ticket_open
from tests.factories.tickets import ConnectionFactory, RouteFactory
from tests.portal.api.conftest import badly_refused, with_token

SECRETS = {"token": "ghp_very-secret", "webhook_secret": "between-us"}


@pytest.fixture(autouse=True)
def keys(settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]


@pytest.fixture
def body(world):
    return {
        "organization": str(world.ours.uid),
        "name": "GitHub",
        "kind": "github",
        "base_url": "https://api.github.com",
        "credentials": SECRETS,
    }


def stored():
    return Connection.objects.exclude(kind="builtin").get()


def test_credentials_go_in_and_never_come_out(api, body):
    caller = api("administrator")
    made = caller.post("connections/", body)
    assert made.status == 201, made.body
    assert credentials_of(stored()) == SECRETS
    where = f"connections/{made.body['uid']}/"
    changed = caller.send("PATCH", where, {"name": "Octocat"})
    assert (changed.status, changed.body["name"]) == (200, "Octocat")
    assert credentials_of(stored()) == SECRETS
    answers = [made, changed, caller.get(where), caller.get("connections/")]
    told = str([answer.body for answer in answers])
    assert made.body["has_credentials"]
    assert "very-secret" not in told
    assert "between-us" not in told
    assert made.body["hook"].endswith(f"/hooks/{made.body['uid']}/")
    assert "very-secret" not in str(AuditEntry.objects.values_list("after", flat=True))


def test_at_another_address_they_do_not_count_any_more(api, body):
    caller = api("administrator")
    where = f"connections/{caller.post('connections/', body).body['uid']}/"
    moved = caller.send("PATCH", where, {"base_url": "https://elsewhere.example.com"})
    assert (moved.status, moved.body["has_credentials"]) == (200, False)


WRONG = [
    ({"kind": "fax"}, "kind"),
    ({"kind": "builtin"}, ""),
    ({"base_url": ""}, ""),
    ({"base_url": "https://me:secret@example.com"}, "base_url"),
    ({"credentials": {"token": 1 << 70, "x": ["y"]}}, "credentials.x"),
    ({"credentials": "secret"}, "credentials"),
    ({"name": "a\0"}, "name"),
    ({"health": "healthy", "secret": "x"}, "secret"),
]


def test_what_is_wrong_is_told_by_field(api, world, body):
    board_of(world.ours)
    caller = api("administrator")

    def create(change):
        return caller.post("connections/", {**body, **change})

    assert badly_refused(create, WRONG, Connection) == {}


def test_addresses_and_failures_are_told_to_administrators_alone(api, world):
    ConnectionFactory(organization=world.ours, health_message="502 of OPS", bot_account="bot-1")
    for caller in (
        api("contributor"),
        with_token(world.person("administrator"), ["read"], ous=[world.prod]),
    ):
        (row,) = caller.get("connections/").results
        assert (row["base_url"], row["health_message"], row["hook"]) == ("", "", "")
        assert (row["kind"], row["health"]) == ("github", "healthy")
    (row,) = api("administrator").get("connections/").results
    assert (row["health_message"], row["bot_account"]) == ("502 of OPS", "bot-1")


def test_a_new_secret_is_told_once_and_the_one_before_counts_until_the_next(api, body):
    caller = api("administrator")
    where = f"connections/{caller.post('connections/', body).body['uid']}/"
    first = caller.post(f"{where}rotate/").body["webhook_secret"]
    assert credentials_of(stored()) == {**SECRETS, "webhook_secret": f"{first} between-us"}
    second = caller.post(f"{where}rotate/").body["webhook_secret"]
    assert credentials_of(stored())["webhook_secret"] == f"{second} {first}"
    last = caller.post(f"{where}rotate/", {"keeps_previous": False}).body["webhook_secret"]
    assert credentials_of(stored()) == {**SECRETS, "webhook_secret": last}
    entries = AuditEntry.objects.filter(action="connection.rotate_secret")
    assert entries.count() == 3
    assert last not in str(entries.values())


def test_one_that_is_used_is_not_deleted(api, world):
    used, board = ConnectionFactory(organization=world.ours), board_of(world.ours)
    ticket_open(actor=None, findings=[world.finding()], connection=used, now=world.lab.now)
    caller = api("administrator")
    for connection in (used, board):
        assert caller.send("DELETE", f"connections/{connection.uid}/").status == 409
        assert caller.post(f"connections/{board.uid}/rotate/").status == 409
    assert Connection.objects.count() == 2
    assert not AuditEntry.objects.filter(action="connection.delete").exists()
    spare = ConnectionFactory(organization=world.ours)
    assert caller.send("DELETE", f"connections/{spare.uid}/").status == 204


# --- Tests of connections ---
def test_a_test_is_asked_for_and_its_answer_read_later(api, world):
    route = RouteFactory(organization=world.ours)
    where = f"connections/{route.connection.uid}/try/"
    caller = api("administrator")
    asked = caller.post(where, {"route": str(route.uid), "finding": str(world.finding().uid)})
    assert (asked.status, asked.body["state"]) == (202, "waiting"), asked.body
    assert (asked.body["project"], asked.body["is_passed"]) == ("OPS", None)
    assert caller.post(where).status == 409
    trial = trial_claim(trial_id=ConnectionTrial.objects.get().pk, now=world.lab.now)
    step = {"name": "project", "is_ok": False, "detail": "There is no OPS.", "is_needed": True}
    request = {"method": "POST", "path": "/issues", "body": {"title": "x"}}
    trial_finish(trial=trial, steps=[step], request=request, error="", now=world.lab.now)
    told = caller.get(f"connection-trials/{asked.body['uid']}/").body
    assert (told["state"], told["is_passed"]) == ("done", False)
    assert (told["steps"], told["request"]) == ([step], request)
    (row,) = caller.get("connection-trials/", connection=route.connection.uid).results
    assert row == told
    assert api("contributor").get("connection-trials/").results == []


@pytest.mark.parametrize("name", ["route", "finding", "ticket"])
def test_what_is_tried_is_what_the_caller_sees(api, world, name):
    connection = ConnectionFactory(organization=world.ours)
    foreign = world.finding(world.foreign)
    rows = {
        "route": lambda: RouteFactory(organization=world.theirs),
        "finding": lambda: foreign,
        "ticket": lambda: ticket_open(actor=None, findings=[foreign], now=world.lab.now),
    }
    body = {name: str(rows[name]().uid)}
    answer = api("administrator").post(f"connections/{connection.uid}/try/", body)
    assert (answer.status, list(answer.errors)) == (400, [name])
    assert not ConnectionTrial.objects.exists()
