import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from accounts.models import ApiToken
from accounts.services.tokens import token_issue, token_revoke
from tests.portal.api.conftest import told


@pytest.fixture
def issued(world):
    person = world.person("viewer of Prod")
    return token_issue(actor=person, user=person, name="ci", days=30, now=timezone.now())


def call(client, header, path="accounts/", **more):
    return told(client.get(f"/api/v1/{path}", headers={"Authorization": header}, **more))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_acts_as_its_person(client, issued, scheme):
    found = call(client, f"{scheme} {issued.plaintext}").results
    assert [account["name"] for account in found] == ["shop"]


def test_a_token_needs_no_secret_of_forms(issued, world):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(
        "/api/v1/scans/",
        {"organization": str(world.ours.uid)},
        content_type="application/json",
        headers={"Authorization": f"Bearer {issued.plaintext}"},
    )
    assert answer.status_code == 403
    assert b"You may not contribute" in answer.content


@pytest.mark.parametrize(
    "given", ["", "cairn_", "cairn_wrong", "é", "a b", "x" * 5000, "cairn_\x00"]
)
def test_another_text_opens_nothing(client, issued, given):
    answer = call(client, f"Bearer {given}")
    assert (answer.status, answer.type) == (401, "application/problem+json")
    assert answer.body["detail"] == "This token is unknown, expired or revoked."


@pytest.mark.parametrize("header", ["Token x", "Basic dXNlcjpwYXNz", "cairn_x", "Bearer"])
def test_another_scheme_is_as_good_as_none(client, issued, header):
    assert call(client, header).status == 401


def test_a_wrong_token_is_not_saved_by_a_session(client, world):
    client.force_login(world.person("administrator"))
    assert call(client, "Bearer cairn_wrong").status == 401


def test_an_expired_or_revoked_token_opens_nothing(client, issued):
    with time_machine.travel(timezone.now() + dt.timedelta(days=31)):
        assert call(client, f"Bearer {issued.plaintext}").status == 401
    token_revoke(actor=None, token=issued.token, now=timezone.now())
    assert call(client, f"Bearer {issued.plaintext}").status == 401


def test_its_use_is_noted(client, issued):
    call(client, f"Bearer {issued.plaintext}")
    assert ApiToken.objects.get().last_used_at is not None


def test_a_token_opens_no_page(client, issued):
    answer = client.get("/accounts/", headers={"Authorization": f"Bearer {issued.plaintext}"})
    assert answer.status_code == 302
