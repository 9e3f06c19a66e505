import pytest
from cryptography.fernet import Fernet

from findings.models import WebhookEndpoint
from tests.portal.api.conftest import with_token


@pytest.fixture(autouse=True)
def keys(settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]


@pytest.fixture
def body(world):
    return {
        "organization": str(world.ours.uid),
        "name": "ours",
        "url": "https://hooks.example.com/cairn",
        "event_types": ["finding.opened"],
    }


def test_the_secret_is_told_when_it_is_made_and_rotated_and_never_again(api, body):
    caller = api("contributor")
    made = caller.post("webhooks/", body)
    assert made.status == 201
    assert made.body["secret"].startswith("whsec_")
    where = f"webhooks/{made.body['uid']}/"
    assert "secret" not in caller.get(where).body
    rotated = caller.post(f"{where}rotate/")
    assert rotated.body["secret"] not in ("", made.body["secret"])
    assert rotated.body["previous_until"]


def test_the_secret_is_not_kept_for_a_repeated_request(api, body):
    caller, headers = api("contributor"), {"Idempotency-Key": "k1"}
    assert caller.post("webhooks/", body, headers=headers).status == 201
    again = caller.post("webhooks/", body, headers=headers)
    assert (again.status, WebhookEndpoint.objects.count()) == (409, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "ftp://a.example"}, "url"),
        ({"url": "https://a:b@c.example"}, "url"),
        ({"event_types": ["other"]}, "event_types"),
        ({"event_types": []}, "event_types"),
        ({"selector": {"rows": ["X9"]}}, "selector"),
        ({"selector": [1]}, "selector"),
        ({"name": "a\0b"}, "name"),
        ({"secret": "mine"}, "secret"),
    ],
)
def test_what_is_wrong_is_said_by_field(api, body, changes, field):
    answer = api("contributor").post("webhooks/", body | changes)
    assert answer.status == 400
    assert field in str(answer.body["errors"])
    assert not WebhookEndpoint.objects.exists()


def test_two_of_one_name_are_refused(api, body):
    caller = api("contributor")
    assert caller.post("webhooks/", body).status == 201
    assert caller.post("webhooks/", body).status == 400


def test_a_ping_stands_in_the_log(api, body):
    caller = api("contributor")
    uid = caller.post("webhooks/", body).body["uid"]
    ping = caller.post(f"webhooks/{uid}/ping/").body
    (listed,) = caller.get("webhook-messages/", webhook=uid).results
    assert listed == ping
    assert (listed["type"], listed["status"], listed["deliveries"]) == ("ping", "waiting", [])
    assert caller.get("webhook-messages/", status="dead").results == []


def test_without_a_key_to_encrypt_with_nothing_is_made(api, body, settings):
    settings.CREDENTIAL_KEYS = []
    answer = api("contributor").post("webhooks/", body)
    assert answer.status == 400
    assert "CREDENTIAL_KEYS" in str(answer.body)
    assert not WebhookEndpoint.objects.exists()


def test_a_limited_token_neither_makes_nor_sees_any(api, body, world):
    uid = api("contributor").post("webhooks/", body).body["uid"]
    limited = with_token(world.person("contributor"), ous=[world.prod])
    assert limited.post("webhooks/", body | {"name": "other"}).status == 403
    assert limited.get(f"webhooks/{uid}/").status == 404
    assert limited.get("webhook-messages/").results == []
    whole = with_token(world.person("contributor"))
    assert whole.get(f"webhooks/{uid}/").status == 200
