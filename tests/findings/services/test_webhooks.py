import datetime as dt
import json
from collections import Counter

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.models import AuditEntry, Grant
from accounts.roles import Role
from findings.models import Scan, TicketEvent, WebhookEndpoint, WebhookFeed, WebhookMessage
from findings.selectors.event_feed import feed_end, feed_page
from findings.services import webhook_feed
from findings.services.action_items import action_item_overdue
from findings.services.credentials import credentials_rotate
from findings.services.incidents import incident_record
from findings.services.learnings import learning_settle
from findings.services.ticket_events import ticket_event, ticket_events_append
from findings.services.tickets import ticket_open
from findings.services.webhook_deliveries import message_claim
from findings.services.webhook_feed import webhooks_follow
from findings.services.webhooks import (
    webhook_change,
    webhook_delete,
    webhook_rotate,
    webhook_secrets,
)
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    person_with,
)
from tests.factories.findings import ScanFactory
from tests.factories.incidents import ActionItemFactory, IncidentFactory, LearningFactory
from tests.factories.tickets import (
    ConnectionFactory,
    TicketFactory,
    TicketFindingFactory,
    open_finding,
)
from tests.factories.webhooks import endpoint_with, finding_event

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def keys(settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def owner(account):
    return person_with(Role.CONTRIBUTOR, organization=account.organization)


def follow(account, now=NOW + HOUR):
    return webhooks_follow(organization=account.organization, now=now)


def types():
    return sorted(WebhookMessage.objects.values_list("type", flat=True))


def test_a_secret_is_told_once_and_kept_encrypted(account, owner):
    endpoint, secret = endpoint_with(owner, account.organization)
    endpoint.refresh_from_db()
    assert secret.encode() not in bytes(endpoint.secret)
    assert webhook_secrets(endpoint, NOW) == [secret]
    entry = AuditEntry.objects.get(action="webhook.make")
    assert "secret" not in str(entry.after)
    assert "hooks.example.com" not in str(entry.after)


def test_during_rotation_both_secrets_sign_and_after_a_day_only_the_new_one(account, owner):
    endpoint, first = endpoint_with(owner, account.organization)
    second = webhook_rotate(actor=owner, endpoint=endpoint, now=NOW)
    endpoint.refresh_from_db()
    assert webhook_secrets(endpoint, NOW + 23 * HOUR) == [second, first]
    assert webhook_secrets(endpoint, NOW + 24 * HOUR) == [second]


def test_rotating_the_keys_takes_webhooks_along(account, owner, settings):
    endpoint, first = endpoint_with(owner, account.organization)
    second = webhook_rotate(actor=owner, endpoint=endpoint, now=NOW)
    new = Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [new, *settings.CREDENTIAL_KEYS]
    assert credentials_rotate() == 1
    settings.CREDENTIAL_KEYS = [new]
    endpoint.refresh_from_db()
    assert webhook_secrets(endpoint, NOW) == [second, first]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://a.example/"),
        ("url", "https://a.example:0/"),
        ("url", "https://a b.example/"),
        ("url", "https://user:word@a.example/"),
        ("url", "https://127.0.0.1/"),
        ("url", "https://[::ffff:10.0.0.1]/"),
        ("url", "http://a.example/"),
        ("url", "https://a.example/\0"),
        ("event_types", []),
        ("event_types", ["finding.deleted"]),
        ("event_types", [{}]),
        ("event_types", "finding.opened"),
        ("selector", {"rows": ["X9"]}),
        ("selector", ["P1"]),
        ("name", ""),
        ("name", "x" * 129),
    ],
)
def test_what_is_wrong_is_refused_by_field(account, owner, field, value):
    with pytest.raises(ValidationError) as caught:
        endpoint_with(owner, account.organization, **{field: value})
    assert field in caught.value.message_dict


def test_strangers_and_viewers_make_none_and_change_none(account, owner):
    endpoint, _ = endpoint_with(owner, account.organization)
    viewer = person_with(Role.VIEWER, organization=account.organization)
    other = person_with(Role.CONTRIBUTOR, organization=account.organization)
    stranger = person_with(Role.ADMINISTRATOR, organization=OrganizationFactory())
    for person in (viewer, stranger):
        with pytest.raises(Denied):
            endpoint_with(person, account.organization)
    for person in (viewer, other, stranger):
        assert not WebhookEndpoint.objects.visible_to(person).exists()
        for act in (webhook_change, webhook_rotate, webhook_delete):
            with pytest.raises(Denied):
                act(actor=person, endpoint=endpoint, now=NOW)
    administrator = person_with(Role.ADMINISTRATOR, organization=account.organization)
    for person in (owner, administrator):
        assert WebhookEndpoint.objects.visible_to(person).get() == endpoint


def test_an_event_makes_one_message_however_often_it_is_read(account, owner):
    endpoint_with(owner, account.organization)
    finding = finding_event(account)
    finding_event(account, kind="closed", cause="verified")
    finding_event(account, kind="changed", cause="")
    follow(account)
    WebhookFeed.objects.update(finding_event=0)
    follow(account)
    assert types() == ["finding.opened", "finding.resolved"]
    opened = WebhookMessage.objects.get(type="finding.opened")
    assert str(finding.uid) in opened.body
    assert opened.event == "finding:1"


def test_the_cursor_and_the_messages_are_kept_together_or_not_at_all(account, owner, monkeypatch):
    endpoint_with(owner, account.organization)
    finding_event(account)

    def moved_by_another(feed, *_):
        raise webhook_feed.CursorMoved

    with monkeypatch.context() as patched:
        patched.setattr(webhook_feed, "_move", moved_by_another)
        assert not follow(account)
    assert types() == []
    follow(account)
    assert types() == ["finding.opened"]


def test_what_was_before_is_not_told(account, owner):
    finding_event(account)
    endpoint_with(owner, account.organization)
    finding_event(account, at=NOW - HOUR)
    follow(account)
    assert types() == []


def test_only_what_the_owner_sees_at_that_time_is_told(account):
    other = AccountFactory(organization=account.organization)
    account.ou = OuFactory(organization=account.organization)
    account.save()
    owner = person_with(Role.CONTRIBUTOR, organization=account.organization, ou=account.ou)
    endpoint_with(owner, account.organization)
    finding_event(other)
    seen = finding_event(account)
    follow(account)
    assert WebhookMessage.objects.get().finding == seen
    Grant.objects.all().delete()
    finding_event(account)
    follow(account)
    assert WebhookMessage.objects.count() == 1


def test_the_selector_narrows_findings(account, owner):
    endpoint_with(owner, account.organization, selector={"severities": ["critical"]})
    finding_event(account, severity="low")
    told = finding_event(account, severity="critical")
    follow(account)
    assert WebhookMessage.objects.get().finding == told


def test_tickets_and_scans_are_told(account, owner):
    endpoint_with(owner, account.organization)
    ticket = TicketFactory(connection=ConnectionFactory(organization=account.organization))
    finding = finding_event(account)
    TicketFindingFactory(
        ticket=ticket, finding=finding, episode=finding.episodes.get(), is_live=True
    )
    event = ticket_event(ticket, TicketEvent.Kind.MOVED, NOW, after={"status": "done"})
    ticket_events_append(organization_id=account.organization_id, events=[event])
    ScanFactory(organization=account.organization, finished_at=NOW)
    ScanFactory(organization=account.organization, finished_at=NOW - HOUR)
    ScanFactory(organization=account.organization, state=Scan.State.RUNNING, finished_at=None)
    for _ in range(2):
        follow(account)
    assert types() == ["finding.opened", "scan.finished", "ticket.changed"]


def test_who_sees_a_part_of_a_ticket_is_told_no_numbers_of_it(account, owner):
    organization = account.organization
    account.ou = OuFactory(organization=organization)
    account.save()
    of_part = person_with(Role.CONTRIBUTOR, organization=organization, ou=account.ou)
    for person in (owner, of_part):
        endpoint_with(person, organization, name=person.username, event_types=["ticket.changed"])
    findings = [
        open_finding(account=a) for a in (account, AccountFactory(organization=organization))
    ]
    ticket_open(actor=None, findings=findings, now=NOW)
    follow(account)
    told = {m.endpoint.owner: json.loads(m.body)["data"] for m in WebhookMessage.objects.all()}
    assert {who: data["change"] for who, data in told.items()} == {
        owner: "opened",
        of_part: "opened",
    }
    assert [told[who]["after"] for who in (owner, of_part)] == [{"findings": 2}, {}]


def test_a_disabled_endpoint_is_told_nothing(account, owner):
    endpoint, _ = endpoint_with(owner, account.organization)
    endpoint.is_active = False
    webhook_change(actor=owner, endpoint=endpoint, now=NOW)
    finding_event(account)
    follow(account)
    assert types() == []


def test_incidents_and_action_items_are_told_to_who_may_see_all_of_them(account, owner):
    organization, prod = account.organization, OuFactory(organization=account.organization)
    account.ou = prod
    account.save()
    of_prod = person_with(Role.CONTRIBUTOR, organization=organization, ou=prod)
    chosen = ["incident.recorded", "learning.regressed", "action_item.overdue"]
    for person in (owner, of_prod):
        endpoint_with(person, organization, name=person.username, event_types=chosen)
    for accounts in ([account], [account, AccountFactory(organization=organization)]):
        incident = IncidentFactory.build(organization=organization, started_at=NOW)
        incident_record(actor=None, incident=incident, accounts=accounts, now=NOW)
        learning = LearningFactory(incident=incident)
        learning_settle(learning=learning, has_regressed=True, now=NOW)
        for guarded in ([account], [account, AccountFactory(organization=organization)]):
            item = ActionItemFactory(incident=incident, accounts=guarded, due_at=NOW - HOUR)
            assert action_item_overdue(item=item, now=NOW)
            assert not action_item_overdue(item=item, now=NOW)
    follow(account)
    told = Counter(WebhookMessage.objects.values_list("endpoint__owner__username", "type"))
    assert {kind: told[owner.username, kind] for kind in chosen} == {
        "incident.recorded": 2, "learning.regressed": 2, "action_item.overdue": 4,
    }  # fmt: skip
    assert {kind: told[of_prod.username, kind] for kind in chosen} == dict.fromkeys(chosen, 1)
    events = feed_page(of_prod, after={}, types=chosen, size=50).events
    assert sorted(event.type for event in events) == sorted(chosen)
    assert len(feed_page(owner, after={}, types=chosen, size=50).events) == 8
    assert feed_page(owner, after=feed_end(owner), types=chosen, size=50).events == []
    message = WebhookMessage.objects.filter(
        endpoint__owner=of_prod, type="action_item.overdue"
    ).get()
    message.action_item.accounts.add(AccountFactory(organization=organization))
    assert message_claim(message_id=message.pk, now=NOW + HOUR) is None
    message.refresh_from_db()
    assert message.status == "withheld"
