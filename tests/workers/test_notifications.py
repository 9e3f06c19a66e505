"""Messages sent to a real mail server and a fake Slack on loopback."""

import datetime as dt
import json

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.models import AuditEntry, Grant
from accounts.roles import Role
from findings.models import Notification, NotificationMessage, WebhookMessage
from findings.notifying.events import Channel
from findings.outgoing_addresses import AllowList
from findings.services.credentials import credentials_rotate
from findings.services.notification_messages import (
    NotificationRefused,
    message_claim,
    messages_due,
    notification_replay,
    notification_test,
)
from findings.services.subscribers import slack_url_of, subscriber_of_person
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OrganizationFactory,
    TeamFactory,
    person_with,
)
from tests.factories.notifications import followed, hears, reachable, team_hears
from tests.factories.webhooks import endpoint_with, finding_event
from tests.workers.mail_server import mail_server
from tests.workers.outgoing.servers import receiver
from workers.notifications import message_send
from workers.outgoing.client import Client
from workers.webhooks import message_send as webhook_send

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
LOOPBACK = AllowList.parse(["127.0.0.0/8"])
OPENED = "finding.opened"
HOSTILE = "x<!channel>\r\nBcc: all@example.com <img src=x> *b* https://evil.example"
Status = NotificationMessage.Status


@pytest.fixture(autouse=True)
def installation(settings):
    reachable(settings)
    settings.OUTGOING_ALLOW = ["127.0.0.0/8"]


@pytest.fixture
def mail(settings):
    """The settings of a server that runs for one test."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = server.port, 5
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server


@pytest.fixture
def ours():
    return OrganizationFactory(name="Ours")


@pytest.fixture
def person(ours):
    return person_with(Role.CONTRIBUTOR, organization=ours)


@pytest.fixture
def administrator(ours):
    return person_with(Role.ADMINISTRATOR, organization=ours)


@pytest.fixture
def account(ours, person):
    team = TeamFactory(organization=ours, members=[person])
    return AccountFactory(organization=ours, owner_team=team, name="shop")


def send(message, *, now=NOW, allow=LOOPBACK):
    client = Client(allow=allow, read_seconds=2, total_seconds=4)
    message_send(message_id=message.pk, client=client, clock=lambda: now, chance=0.0)
    message.refresh_from_db()
    return message


def one_message(ours, account, **fields):
    finding_event(account, **fields)
    (message,) = followed(ours, NOW)
    return message


# --- Mail ---


def test_a_mail_arrives_with_both_parts_links_and_headers(mail, ours, person, account):
    hears(person, OPENED)
    message = send(one_message(ours, account, resource="trail-1"))
    assert message.status == Status.DELIVERED
    ((to, sent),) = mail.taken
    assert to == [person.email]
    assert sent["From"] == "Cairn <cairn@example.com>"
    assert sent["Message-ID"] == f"<{message.uid}@cairn.example.com>"
    assert sent["Auto-Submitted"] == "auto-generated"
    settings_url = "https://cairn.example.com/settings/notifications/"
    assert sent["List-Unsubscribe"] == f"<{settings_url}>"
    finding = account.findings.get()
    for kind in ("plain", "html"):
        body = sent.get_body((kind,)).get_content()
        assert f"https://cairn.example.com/findings/{finding.uid}/" in body
        assert settings_url in body
        assert "trail-1" in body
        assert account.account_id in body
    assert sent["Subject"].startswith("[Cairn] High: finding opened: ")
    assert message.subject == sent["Subject"]
    assert message.told == 1
    assert Notification.objects.get().status == "told"


def test_what_was_sent_is_not_sent_again(mail, ours, person, account):
    hears(person, OPENED)
    message = send(one_message(ours, account))
    send(message)
    send(message, now=NOW + dt.timedelta(days=1))
    assert followed(ours, NOW + dt.timedelta(days=1)) == [message]
    assert len(mail.taken) == 1


def test_hostile_names_stay_inert_in_mail(mail, ours, person, account):
    type(account).objects.update(name=HOSTILE)
    hears(person, OPENED)
    send(one_message(ours, account, resource=HOSTILE))
    ((to, sent),) = mail.taken
    assert to == [person.email]
    assert "Bcc" not in sent
    assert "\n" not in sent["Subject"]
    page = sent.get_body(("html",)).get_content()
    assert "<img" not in page
    assert "://evil" not in page + sent.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("refusals", "status", "word"),
    [
        ({"RCPT": "550 no such user"}, Status.DEAD, "refused the address (550)"),
        ({"RCPT": "451 come again"}, Status.WAITING, "refused the address (451)"),
        ({"MAIL": "530 no"}, Status.WAITING, "refused the message (530)"),
        ({"DATA": "421 too busy"}, Status.WAITING, "refused the message (421)"),
    ],
)
def test_a_refusal_is_told_in_our_own_words(mail, ours, person, account, refusals, status, word):
    mail.refusals = refusals
    hears(person, OPENED)
    message = send(one_message(ours, account))
    assert (message.status, message.attempts) == (status, 1)
    assert word in message.last_error
    assert "such" not in message.last_error
    assert Notification.objects.get().status == "waiting"
    assert not mail.taken


def test_a_mail_is_tried_again_until_the_plan_ends_and_may_be_replayed(
    mail, ours, person, account, administrator
):
    mail.refusals = {"MAIL": "451 not now"}
    hears(person, OPENED)
    message = one_message(ours, account)
    now, waits = NOW, []
    while message.status == Status.WAITING:
        assert messages_due(now=now) == [message.pk]
        send(message, now=now)
        waits.append(message.not_before - now)
        now = message.not_before
    assert waits[:3] == [dt.timedelta(seconds=5), 5 * MINUTE, 30 * MINUTE]
    assert (message.status, message.attempts) == (Status.DEAD, 10)
    with pytest.raises(Denied):
        notification_replay(actor=administrator, message=message, now=now)
    mail.refusals = {}
    send(notification_replay(actor=person, message=message, now=now), now=now)
    assert message.__class__.objects.get().status == Status.DELIVERED
    with pytest.raises(NotificationRefused):
        notification_replay(actor=person, message=message, now=now)


def test_no_server_is_no_loss(ours, person, account, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = 1, 2
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    hears(person, OPENED)
    message = send(one_message(ours, account))
    assert message.status == Status.WAITING
    assert message.last_error == "No connection to the mail server: ConnectionRefusedError."


def test_an_address_that_no_header_can_hold(mail, ours, person, account):
    person.email = "a@example.com\nBcc: b@example.com"
    person.save()
    hears(person, OPENED)
    assert send(one_message(ours, account)).status == Status.DEAD
    assert not mail.taken


def test_a_lease_keeps_others_away_and_ends(mail, ours, person, account):
    hears(person, OPENED)
    message = one_message(ours, account)
    assert message_claim(message_id=message.pk, now=NOW)  # a worker that dies now
    assert send(message, now=NOW + MINUTE).status == Status.WAITING
    assert send(message, now=NOW + 2 * MINUTE).status == Status.DELIVERED
    assert len(mail.taken) == 1


def test_the_role_is_asked_for_between_two_attempts(mail, ours, person, account):
    mail.refusals = {"MAIL": "451 not now"}
    hears(person, OPENED)
    message = send(one_message(ours, account))
    mail.refusals = {}
    Grant.objects.filter(user=person).delete()
    assert send(message, now=message.not_before).status == Status.WITHHELD
    assert not mail.taken


# --- Slack ---


def test_slack_gets_rich_text_and_no_markup(ours, person, account):
    type(account).objects.update(name=HOSTILE)
    with receiver() as slack:
        url = f"{slack.url}/services/T0/B0/secret"
        hears(person, OPENED, channel="slack", slack=url)
        message = send(one_message(ours, account, resource=HOSTILE))
        (asked,) = slack.received
    assert message.status == Status.DELIVERED
    assert asked.path == "/services/T0/B0/secret"
    told = json.loads(asked.body)
    assert "<" not in told["text"]
    assert told["blocks"][0]["type"] == "rich_text"
    links = str(told).split("'url': '")[1:]
    assert all(part.startswith("https://cairn.example.com/") for part in links)
    assert "<!channel>" in asked.body.decode()  # as literal text of an element, not in "text"


@pytest.mark.parametrize(
    ("answer", "status", "word"),
    [
        ((404, {}, b"no_service"), Status.DEAD, "Slack answered 404: no_service."),
        ((400, {}, b"invalid_payload"), Status.DEAD, "Slack answered 400: invalid_payload."),
        ((500, {}, b"<b>evil</b>"), Status.WAITING, "Slack answered 500."),
        ((302, {"Location": "http://127.0.0.1/"}, b""), Status.WAITING, "Slack answered 302."),
    ],
)
def test_what_slack_refuses(ours, person, account, answer, status, word):
    with receiver() as slack:
        slack.answers = [answer]
        hears(person, OPENED, channel="slack", slack=f"{slack.url}/services/T0/B0/secret")
        message = send(one_message(ours, account))
        assert len(slack.received) == 1
    assert (message.status, message.last_error) == (status, word)


def test_slack_may_ask_to_wait(ours, person, account):
    with receiver() as slack:
        slack.answers = [(429, {"Retry-After": "900"}, b"rate_limited")]
        hears(person, OPENED, channel="slack", slack=f"{slack.url}/services/T0/B0/secret")
        message = send(one_message(ours, account))
    assert message.not_before == NOW + 15 * MINUTE


def test_slack_is_called_by_the_guarded_client_and_its_address_is_kept_secret(
    ours, person, account, settings
):
    url = "http://127.0.0.1:9/services/T0/B0/secret"
    hears(person, OPENED, channel="slack", slack=url)
    message = send(one_message(ours, account), allow=AllowList())
    assert message.status == Status.WAITING
    assert "not public" in message.last_error
    assert "secret" not in message.last_error
    subscriber = subscriber_of_person(person)
    assert b"secret" not in bytes(subscriber.slack)
    assert "secret" not in str(AuditEntry.objects.values_list("after", flat=True))
    settings.CREDENTIAL_KEYS = [reachable_key(), *settings.CREDENTIAL_KEYS]
    assert credentials_rotate() == 1
    settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS[:1]
    subscriber.refresh_from_db()
    assert slack_url_of(subscriber) == url


def reachable_key():
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


# --- Webhooks ---


def test_a_webhook_signs_what_it_is_given(ours, person, account):
    with receiver() as server:
        endpoint, _ = endpoint_with(person, ours, url=f"{server.url}/hook")
        hears(person, OPENED, channel="webhook", webhook=endpoint)
        message = send(one_message(ours, account))
        made = WebhookMessage.objects.get(type="notification")
        client = Client(allow=LOOPBACK, read_seconds=2, total_seconds=4)
        webhook_send(message_id=made.pk, client=client, clock=lambda: NOW, chance=0.0)
        (asked,) = server.received
    assert message.status == Status.DELIVERED
    assert "webhook-signature" in asked.headers
    told = json.loads(asked.body)["data"]
    finding = account.findings.get()
    assert told["total"] == 1
    assert told["events"][0]["event"] == OPENED
    assert told["events"][0]["finding"] == str(finding.uid)


def test_a_webhook_that_waits_asks_again_too(ours, person, account):
    endpoint, _ = endpoint_with(person, ours)
    hears(person, OPENED, channel="webhook", webhook=endpoint)
    send(one_message(ours, account))
    account.owner_team.members.clear()
    made = WebhookMessage.objects.get(type="notification")
    webhook_send(message_id=made.pk, client=Client(), clock=lambda: NOW, chance=0.0)
    made.refresh_from_db()
    assert made.status == WebhookMessage.Status.WITHHELD


def test_the_webhook_of_a_team_tells_what_its_owner_sees_too(ours, administrator, account):
    owner = person_with(Role.CONTRIBUTOR, organization=ours)
    endpoint, _ = endpoint_with(owner, ours)
    team = account.owner_team
    team_hears(administrator, team, OPENED, channel="webhook", webhook=endpoint, slack="")
    message = one_message(ours, account)
    Grant.objects.filter(user=owner).delete()
    assert send(message).status == Status.WITHHELD
    assert not WebhookMessage.objects.exists()


# --- Tests of a channel ---


def test_a_test_message_arrives_and_tells_of_nothing(mail, ours, person, account):
    subscriber = subscriber_of_person(person)
    asked = {"subscriber": subscriber, "organization": ours, "channel": Channel.EMAIL}
    message = notification_test(actor=person, now=NOW, **asked)
    send(message)
    ((to, sent),) = mail.taken
    assert to == [person.email]
    assert sent["Subject"] == "[Cairn] Test of notifications"
    with pytest.raises(NotificationRefused):
        notification_test(actor=person, now=NOW, **asked)
    with pytest.raises(ValidationError):
        notification_test(actor=person, now=NOW, **(asked | {"channel": Channel.SLACK}))
    stranger = person_with(Role.ADMINISTRATOR, organization=ours)
    with pytest.raises(Denied):
        notification_test(actor=stranger, now=NOW, **asked)
