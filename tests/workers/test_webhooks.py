"""Messages sent to a real receiver on loopback."""

import base64
import datetime as dt
import hashlib
import hmac
import json

import pytest
from cryptography.fernet import Fernet

from accounts.access import Denied
from accounts.models import Grant
from accounts.roles import Role
from findings.models import Alert, WebhookDelivery, WebhookMessage
from findings.outgoing_addresses import AllowList
from findings.services.webhook_deliveries import (
    Attempt,
    delivery_record,
    message_claim,
    message_replay,
    messages_due,
    messages_replay,
    webhook_ping,
)
from findings.services.webhook_feed import webhooks_follow
from findings.services.webhooks import webhook_rotate
from tests.factories.accounts import NOW, AccountFactory, person_with
from tests.factories.webhooks import endpoint_with, finding_event
from tests.workers.outgoing.servers import raw_server, receiver
from workers.outgoing.client import Client
from workers.webhooks import message_send

pytestmark = pytest.mark.django_db
LOOPBACK = AllowList.parse(["127.0.0.0/8"])
Status = WebhookMessage.Status


@pytest.fixture(autouse=True)
def keys(settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    settings.OUTGOING_ALLOW = ["127.0.0.0/8"]


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def owner(account):
    return person_with(Role.CONTRIBUTOR, organization=account.organization)


def message_to(url, owner, account):
    """A finding was opened: the message that tells it, and the secret that signs it."""
    endpoint, secret = endpoint_with(owner, account.organization, url=url)
    finding_event(account)
    webhooks_follow(organization=account.organization, now=NOW)
    return endpoint.messages.get(), secret


def send(message, *, at=NOW, allow=LOOPBACK, **changes):
    client = Client(allow=allow, read_seconds=2, total_seconds=4, **changes)
    message_send(message_id=message.pk, client=client, clock=lambda: at, chance=0.0)
    message.refresh_from_db()
    message.endpoint.refresh_from_db()


def verified(asked, secret):
    """As the specification tells a receiver to do it."""
    content = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, content + asked.body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return signature in asked.headers["webhook-signature"].split(" ")


def test_a_message_arrives_signed_and_once(owner, account):
    with receiver() as server:
        message, secret = message_to(f"{server.url}/hook", owner, account)
        send(message)
        send(message)
        (asked,) = server.received
    assert verified(asked, secret)
    assert not verified(asked, "whsec_" + base64.b64encode(b"x" * 32).decode())
    assert asked.headers["webhook-id"] == str(message.uid)
    told = json.loads(asked.body)
    assert told["type"] == "finding.opened"
    assert told["data"]["account_id"] == account.account_id
    assert message.status == Status.DELIVERED
    assert WebhookDelivery.objects.get().answer_status == 200


def test_both_secrets_verify_while_they_are_rotated(owner, account):
    with receiver() as server:
        message, first = message_to(server.url, owner, account)
        second = webhook_rotate(actor=owner, endpoint=message.endpoint, now=NOW)
        send(message)
        (asked,) = server.received
    assert verified(asked, first)
    assert verified(asked, second)


def test_failures_are_tried_again_by_plan_with_the_same_id_and_body(owner, account):
    with receiver() as server:
        message, secret = message_to(server.url, owner, account)
        server.answers = [(500, {}, b"<secret of theirs>"), (503, {}, b""), (204, {}, b"")]
        send(message)
        assert (message.status, message.not_before) == (Status.WAITING, NOW + dt.timedelta(0, 5))
        send(message)  # not due: nothing happens
        assert len(server.received) == 1
        send(message, at=message.not_before)
        later = NOW + dt.timedelta(seconds=5, minutes=5)
        assert message.not_before == later
        assert messages_due(now=later - dt.timedelta(0, 1)) == []
        assert messages_due(now=later) == [message.pk]
        send(message, at=later)
    assert message.status == Status.DELIVERED
    assert len({(asked.headers["webhook-id"], asked.body) for asked in server.received}) == 1
    assert all(verified(asked, secret) for asked in server.received)
    log = WebhookDelivery.objects.order_by("attempt")
    assert [row.answer_status for row in log] == [500, 503, 204]
    assert "theirs" not in "".join(row.error for row in log)
    assert message.endpoint.failing_since is None


def test_retry_after_is_honoured(owner, account):
    with receiver() as server:
        message, _ = message_to(server.url, owner, account)
        server.answers = [(429, {"Retry-After": "86400"}, b"")]
        send(message)
    assert message.not_before == NOW + dt.timedelta(days=1)


def test_after_ten_attempts_it_is_a_dead_letter_that_may_be_replayed(owner, account):
    with receiver() as server:
        message, _ = message_to(server.url, owner, account)
        server.answers = [(500, {}, b"")]
        for _ in range(10):
            assert message.status == Status.WAITING
            send(message, at=message.not_before)
        assert message.status == Status.DEAD
        server.answers = [(200, {}, b"")]
        end = message.not_before
        assert messages_replay(actor=owner, endpoint=message.endpoint, since=NOW, now=end) == 1
        send(message, at=end)
        assert message.status == Status.DELIVERED
        assert messages_replay(actor=owner, endpoint=message.endpoint, since=NOW, now=end) == 0
        message_replay(actor=owner, message=message, now=end)
        send(message, at=end)
    assert len(server.received) == 12
    assert len({asked.headers["webhook-id"] for asked in server.received}) == 1


def test_a_redirect_is_a_failure_and_not_followed(owner, account):
    with receiver() as server:
        message, _ = message_to(server.url, owner, account)
        server.answers = [(307, {"Location": f"{server.url}/else"}, b"")]
        send(message)
        assert len(server.received) == 1
    assert message.status == Status.WAITING
    assert "redirects are not followed" in WebhookDelivery.objects.get().error


def test_a_private_address_is_refused_and_nothing_is_sent(owner, account):
    with receiver() as server:
        message, _ = message_to(f"{server.url}/SECRET?SECRET", owner, account)
        send(message, allow=AllowList())
        assert server.received == []
    row = WebhookDelivery.objects.get()
    assert row.answer_status is None
    assert "not public" in row.error
    assert "SECRET" not in row.error


def test_silence_is_a_failure(owner, account):
    with raw_server(hold=True) as port:
        message, _ = message_to(f"http://127.0.0.1:{port}/", owner, account)
        client = Client(allow=LOOPBACK, read_seconds=0.1)
        message_send(message_id=message.pk, client=client, clock=lambda: NOW, chance=0.0)
    assert "in time" in WebhookDelivery.objects.get().error


def test_410_disables_the_endpoint(owner, account):
    with receiver() as server:
        message, _ = message_to(server.url, owner, account)
        server.answers = [(410, {}, b"")]
        send(message)
    assert (message.status, message.endpoint.is_active) == (Status.DEAD, False)
    assert "410" in message.endpoint.disabled_reason
    assert Alert.objects.active().get().kind == Alert.Kind.WEBHOOK_DISABLED


def test_five_days_of_only_failures_disable_it(owner, account):
    with receiver() as server:
        message, _ = message_to(server.url, owner, account)
        server.answers = [(500, {}, b"")]
        send(message)
        send(message, at=NOW + dt.timedelta(days=5) - dt.timedelta(0, 1))
        assert message.endpoint.is_active
        send(message, at=NOW + dt.timedelta(days=6))
    assert not message.endpoint.is_active
    assert Alert.objects.active().count() == 1


def test_what_the_owner_no_longer_sees_is_withheld(owner, account):
    with receiver() as server:
        message, _ = message_to(server.url, owner, account)
        Grant.objects.all().delete()
        send(message)
        assert server.received == []
    assert message.status == Status.WITHHELD


def test_one_worker_has_a_message_until_its_lease_ends(owner, account):
    with receiver() as server:
        message, _ = message_to(server.url, owner, account)
        assert message_claim(message_id=message.pk, now=NOW) is not None
        assert message_claim(message_id=message.pk, now=NOW) is None
        send(message)
        assert server.received == []
        assert messages_due(now=NOW) == []
        later = NOW + dt.timedelta(minutes=2)
        assert messages_due(now=later) == [message.pk]
        send(message, at=later)
    assert message.status == Status.DELIVERED


def test_who_lost_the_lease_writes_nothing(owner, account):
    message, _ = message_to("https://hooks.example.com/", owner, account)
    slow = message_claim(message_id=message.pk, now=NOW)
    message_claim(message_id=message.pk, now=NOW + dt.timedelta(minutes=3))
    done = Attempt(status=500, milliseconds=1)
    assert not delivery_record(message=slow, attempt=done, chance=0.0, now=NOW)
    assert not WebhookDelivery.objects.exists()


def test_a_ping_arrives(owner, account):
    with receiver() as server:
        endpoint, secret = endpoint_with(owner, account.organization, url=server.url)
        ping = webhook_ping(actor=owner, endpoint=endpoint, now=NOW)
        send(ping)
        assert verified(server.received[0], secret)
    assert json.loads(ping.body)["type"] == "ping"
    stranger = person_with(Role.VIEWER, organization=account.organization)
    with pytest.raises(Denied):
        webhook_ping(actor=stranger, endpoint=endpoint, now=NOW)
