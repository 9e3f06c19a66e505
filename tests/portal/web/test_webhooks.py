import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse

from findings.models import WebhookDelivery, WebhookEndpoint, WebhookMessage
from findings.services.webhook_deliveries import webhook_ping
from findings.services.webhooks import webhook_secrets
from tests.factories.webhooks import endpoint_with
from tests.portal.web.pages import badly_refused, links_of, main_text_of, text_of

LIST, NEW = reverse("webhook-list"), reverse("webhook-create")
NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
FORM = {
    "name": "pager",
    "url": "https://hooks.example.com/cairn",
    "event_types": ["finding.opened", "scan.finished"],
}
Status = WebhookMessage.Status


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def endpoint(world):
    return endpoint_with(world.person("contributor"), world.ours)[0]


def page(row, act="detail"):
    return reverse(f"webhook-{act}", args=[row.uid])


def message_for(endpoint, status=Status.WAITING, **fields):
    made = webhook_ping(actor=endpoint.owner, endpoint=endpoint, now=NOW)
    WebhookMessage.objects.filter(pk=made.pk).update(status=status, **fields)
    made.refresh_from_db()
    return made


def secret_in(answer):
    return re.search(r"<code data-secret>(whsec_[^<]+)</code>", answer.content.decode())


def test_one_is_made_and_its_secret_is_shown_once(sign_in, world):
    client = sign_in("contributor of Prod")
    answer = client.post(NEW, {**FORM, "severities": ["critical"], "ous": ["Prod"]})
    made = WebhookEndpoint.objects.get()
    assert secret_in(answer)[1].replace("&#x3D;", "=") == webhook_secrets(made, NOW)[0]
    assert "no-store" in answer["Cache-Control"]
    assert (made.owner.username, made.organization) == ("contributor of Prod", world.ours)
    assert made.event_types == FORM["event_types"]
    assert made.selector == {"severities": ["critical"], "ous": ["Prod"]}
    assert secret_in(client.get(page(made))) is None
    assert page(made) in links_of(client.get(LIST))


WRONG = [
    ({"name": ""}, "required"),
    ({"name": "ours"}, "one of this name already"),
    ({"url": "ftp://x"}, "begins with https://"),
    ({"url": "https://me:secret@x.example"}, "no user and no password"),
    ({"url": "https://x\0.example"}, "Null characters"),
    ({"event_types": []}, "required"),
    ({"event_types": ["all"]}, "not one of the available choices"),
    ({"ous": ["Dev"]}, "Dev is not one of the available choices"),
]


def test_what_is_wrong_is_said_and_nothing_saved(sign_in, world):
    endpoint_with(world.person("contributor of Prod"), world.ours)
    client = sign_in("contributor of Prod")

    def create(fields):
        return client.post(NEW, FORM | fields)

    assert badly_refused(create, WRONG, WebhookEndpoint) == {}


def test_a_change_keeps_the_secret(sign_in, endpoint):
    before = webhook_secrets(endpoint, NOW)
    client = sign_in("contributor")
    assert 'value="ours"' in client.get(page(endpoint, "edit")).content.decode()
    assert client.post(page(endpoint, "edit"), FORM).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.event_types) == ("pager", FORM["event_types"])
    assert webhook_secrets(endpoint, NOW) == before


def test_a_new_secret_signs_beside_the_old_one(sign_in, endpoint):
    (old,) = webhook_secrets(endpoint, NOW)
    answer = sign_in("contributor").post(page(endpoint, "rotate"))
    endpoint.refresh_from_db()
    new, kept = webhook_secrets(endpoint, NOW)
    assert (secret_in(answer)[1], kept) == (new, old)
    assert "The one before signs as well until 2026-03-03 12:00" in main_text_of(answer)


def test_it_is_paused_and_goes_on(sign_in, endpoint):
    WebhookEndpoint.objects.update(failing_since=NOW - DAY)
    client = sign_in("contributor")
    assert "Failing" in main_text_of(client.get(LIST))
    assert "is paused" in text_of(client.post(page(endpoint, "switch"), follow=True))
    assert not WebhookEndpoint.objects.get().is_active
    assert "Paused" in main_text_of(client.get(LIST))
    assert "goes on" in text_of(client.post(page(endpoint, "switch"), follow=True))
    again = WebhookEndpoint.objects.get()
    assert (again.is_active, again.failing_since) == (True, None)


def test_one_that_was_stopped_says_why(sign_in, endpoint):
    WebhookEndpoint.objects.update(is_active=False, disabled_reason="It answered 410: it is gone.")
    for where in (LIST, page(endpoint)):
        assert "It answered 410" in main_text_of(sign_in("contributor").get(where))


def test_a_test_message_is_sent_and_its_log_shown(sign_in, endpoint):
    client = sign_in("contributor")
    answer = client.post(page(endpoint, "test"), follow=True)
    message = WebhookMessage.objects.get()
    assert message.status == Status.WAITING
    assert "No attempt yet" in main_text_of(answer)
    WebhookDelivery.objects.create(
        message=message, attempt=1, at=NOW, answer_status=500, milliseconds=7, error="It broke."
    )
    assert "500 It broke. 7 ms" in main_text_of(client.get(page(message, "message")))
    assert "It broke." in main_text_of(client.get(page(endpoint)))
    assert page(message, "message") in links_of(client.get(page(endpoint)))


def test_a_message_is_sent_again_under_its_id(sign_in, endpoint):
    dead = message_for(endpoint, Status.DEAD, attempts=10)
    sign_in("contributor").post(page(dead, "message-replay"))
    dead.refresh_from_db()
    assert (dead.status, dead.attempts) == (Status.WAITING, 0)


def test_what_was_given_up_lately_is_sent_again(sign_in, endpoint):
    lately, long_ago = message_for(endpoint, Status.DEAD), message_for(endpoint, Status.DEAD)
    WebhookMessage.objects.filter(pk=long_ago.pk).update(created_at=NOW - 9 * DAY)
    client = sign_in("contributor")
    told = text_of(client.post(page(endpoint, "replay"), {"days": "7"}, follow=True))
    assert "1 messages" in told
    waiting = WebhookMessage.objects.get(status=Status.WAITING)
    assert waiting == lately
    for wrong in ("", "0", "x", "9" * 30):
        told = text_of(client.post(page(endpoint, "replay"), {"days": wrong}, follow=True))
        assert "Give a number of days" in told


def test_the_log_is_narrowed_and_paged(sign_in, endpoint, monkeypatch):
    monkeypatch.setattr("portal.web.webhooks.PAGE", 2)
    rows = [message_for(endpoint, Status.DELIVERED) for _ in range(3)]
    message_for(endpoint, Status.WITHHELD)
    client, where = sign_in("contributor"), page(endpoint) + "?status=delivered"
    first = client.get(where)
    second = client.get(f"{where}&after={first.context['next_key']}")
    found = [row for answer in (first, second) for row in answer.context["found"]]
    assert found == rows[::-1]
    assert second.context["next_key"] == ""
    assert "No such message" in main_text_of(client.get(page(endpoint) + "?status=dead"))
    for wrong in ("?status=x", "?after=x", f"?after={endpoint.uid}"):
        assert client.get(page(endpoint) + wrong).status_code == 400


def test_its_maker_and_administrators_see_it(sign_in, endpoint, world):
    for who in ("contributor", "administrator"):
        assert page(endpoint) in links_of(sign_in(who).get(LIST))
    for who in ("viewer", "administrator of Prod", "stranger"):
        assert page(endpoint) not in links_of(sign_in(who).get(LIST))
        for act in ("rotate", "test", "switch", "delete", "replay", "edit"):
            assert sign_in(who).post(page(endpoint, act)).status_code == 404, (who, act)
    assert "New webhook" not in text_of(sign_in("viewer").get(LIST))
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(LIST))


def test_one_who_contributes_no_more_may_only_look(sign_in, endpoint, world):
    endpoint.owner = world.person("viewer")
    endpoint.save()
    client = sign_in("viewer")
    answer = client.get(page(endpoint))
    assert answer.status_code == 200
    assert "New secret" not in text_of(answer)
    for act in ("rotate", "test", "switch", "delete", "replay", "edit"):
        assert client.post(page(endpoint, act)).status_code == 403, act


def test_it_is_deleted_with_its_log(sign_in, endpoint):
    message_for(endpoint)
    answer = sign_in("administrator").post(page(endpoint, "delete"), follow=True)
    assert "The webhook is deleted" in text_of(answer)
    assert not WebhookMessage.objects.exists()
