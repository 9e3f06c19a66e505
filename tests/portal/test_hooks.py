"""What trackers send, through the running portal: kept when it is signed, and never worked on."""

import hashlib
import hmac
import json
import uuid
from urllib.parse import urlencode

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse

from findings.models import Connection, InboundDelivery
from findings.services.connections import board_of
from findings.services.credentials import encrypt
from findings.services.deliveries import LONGEST_BODY
from tests.factories.tickets import ConnectionFactory

pytestmark = pytest.mark.django_db
SECRET = "between-us"
BODY = b'{"action": "edited",\n "issue": {"number": 7}, "repository": {"full_name": "a/b"}}'


@pytest.fixture
def connection(settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    sealed = encrypt({"token": "ghp_x", "webhook_secret": SECRET})
    return ConnectionFactory(credentials=sealed)


def signature(body, secret=SECRET):
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def send(uid, body=BODY, *, signed=None, method="POST", content_type="application/json", **headers):
    """As GitHub does: without a session, and without the secret of a form."""
    given = {
        "X-Hub-Signature-256": signature(body) if signed is None else signed,
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": "d-1",
    } | headers
    client = Client(enforce_csrf_checks=True)
    return client.generic(
        method,
        reverse("hook", args=[uid]),
        body,
        content_type=content_type,
        headers={name: value for name, value in given.items() if value is not None},
    )


def problem(answer):
    assert answer["Content-Type"] == "application/problem+json"
    return json.loads(answer.content)


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"issue":' + b"9" * 5000 + b"}"])
def test_a_signed_one_that_nobody_can_read_is_kept_with_why(connection, body):
    assert send(connection.uid, body).status_code == 202
    assert "not of a form" in InboundDelivery.objects.get().error


def test_a_delivery_in_a_form_is_read_too(connection):
    """As GitHub sends it where nobody chose another type."""
    form = urlencode({"payload": BODY.decode()}).encode()
    kind = "application/x-www-form-urlencoded"
    assert send(connection.uid, form, content_type=kind).status_code == 202
    kept = InboundDelivery.objects.get()
    assert (kept.external_ids, kept.error) == (["a/b#7"], "")


def test_an_address_without_its_last_slash_is_taken_all_the_same(connection):
    headers = {"X-Hub-Signature-256": signature(BODY), "X-GitHub-Event": "issues"}
    path = f"/hooks/{connection.uid}"
    client = Client(enforce_csrf_checks=True)
    answer = client.generic("POST", path, BODY, "application/json", headers=headers)
    assert (answer.status_code, InboundDelivery.objects.count()) == (202, 1)


def test_a_signed_delivery_is_kept_byte_for_byte_and_worked_on_later(connection):
    answer = send(connection.uid)
    assert (answer.status_code, answer.content) == (202, b"")
    kept = InboundDelivery.objects.get()
    assert (kept.connection, kept.delivery_id, kept.status) == (connection, "d-1", "received")
    assert bytes(kept.body) == BODY
    assert not answer.cookies


def test_one_that_is_sent_again_is_the_one_there_is(connection):
    assert [send(connection.uid).status_code for _ in range(3)] == [202] * 3
    assert InboundDelivery.objects.count() == 1


@pytest.mark.parametrize(
    "signed", ["", "sha256=", "sha256=é", signature(BODY, "another"), "x" * 99]
)
def test_a_wrong_signature_is_counted_and_not_kept(connection, signed):
    answer = send(connection.uid, signed=signed)
    assert (answer.status_code, problem(answer)["status"]) == (401, 401)
    assert not InboundDelivery.objects.exists()
    assert Connection.objects.get(pk=connection.pk).refused_deliveries == 1


def test_an_address_that_is_none_looks_like_a_wrong_signature(connection):
    told = problem(send(connection.uid, signed="sha256=00"))
    inactive = ConnectionFactory(is_active=False, credentials=connection.credentials)
    board = board_of(connection.organization)
    for uid in (uuid.uuid4(), "x", "%00", "a" * 3000, inactive.uid, board.uid):
        answer = send(uid)
        assert (answer.status_code, problem(answer)) == (401, told), uid
    assert not InboundDelivery.objects.exists()


@pytest.mark.parametrize("length", [None, str(LONGEST_BODY + 1), "9" * 5000])
def test_one_that_is_too_long_is_refused(connection, length):
    body = b"x" * (LONGEST_BODY + 1) if length is None else b"x"
    headers = {"Content-Length": length} if length else {}
    answer = send(connection.uid, body, **headers)
    assert (answer.status_code, problem(answer)["status"]) == (413, 413)
    assert Connection.objects.get(pk=connection.pk).refused_deliveries == 0


def test_one_of_unknown_length_is_refused(connection):
    assert send(connection.uid, **{"Transfer-Encoding": "chunked"}).status_code == 411


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_deliveries_are_sent_by_post(connection, method):
    answer = send(connection.uid, method=method)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize("body", [b"", b"\0", b"\xff", b"[1]", b'{"issue": 1}', b"{" * 5000])
def test_what_is_signed_and_not_understood_is_kept(connection, body):
    assert send(connection.uid, body).status_code == 202
    assert bytes(InboundDelivery.objects.get().body) == body


def test_a_failure_of_ours_is_told_to_a_program(connection, monkeypatch):
    def fail(**_):
        raise RuntimeError("the secret cause")

    monkeypatch.setattr("portal.hooks.delivery_receive", fail)
    client = Client(raise_request_exception=False)
    answer = client.post(reverse("hook", args=[connection.uid]), b"x", "application/json")
    assert (answer.status_code, problem(answer)["status"]) == (500, 500)
    assert b"secret cause" not in answer.content
