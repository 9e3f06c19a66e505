import pytest
from django import forms
from django.test.html import parse_html
from django.urls import resolve, reverse

from accounts.models import AuditEntry
from findings.models import Notice, NotificationMessage
from findings.services import notification_letters
from findings.services.subscribers import slack_url_of, subscriber_of_person, subscriber_of_team
from portal.web.notification_form import Choice
from tests.factories.accounts import TeamFactory
from tests.factories.findings import AttestationFactory, SuppressionFactory
from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.notifications import dead_message, reachable
from tests.factories.webhooks import endpoint_with
from tests.portal.web.pages import main_text_of, text_of

pytestmark = pytest.mark.one_database
MINE = "/settings/notifications/"
SLACK = "https://hooks.slack.com/services/T0/B0/secret"


@pytest.fixture(autouse=True)
def installation(settings):
    reachable(settings)


def form_of(answer, **changes):
    """What the page's form would send, with some fields filled in otherwise."""
    form = answer.context["form"]
    filled = {bound.html_name: bound.value() for bound in form}
    return {name: value for name, value in {**filled, **changes}.items() if value is not None}


def test_a_choice_is_saved_and_only_what_was_changed_is_kept(sign_in, world):
    client = sign_in("viewer")
    given = form_of(client.get(MINE), **{"finding.opened-email": "weekly", "covers": "seen"})
    assert client.post(MINE, given).status_code == 302
    stored = subscriber_of_person(world.person("viewer"))
    assert stored.matrix == {"finding.opened": {"email": "weekly"}}
    assert stored.covers == "seen"
    assert AuditEntry.objects.filter(action="notifications.change").count() == 1
    client.post(MINE, form_of(client.get(MINE), **{"finding.opened-email": "daily"}))
    stored.refresh_from_db()
    assert stored.matrix == {"finding.opened": {"email": "daily"}}


def test_the_address_of_slack_is_never_shown_again(sign_in, world):
    client = sign_in("viewer")
    client.post(MINE, form_of(client.get(MINE), slack_url=SLACK))
    stored = subscriber_of_person(world.person("viewer"))
    assert slack_url_of(stored) == SLACK
    shown = client.get(MINE)
    assert "secret" not in shown.content.decode()
    assert "One is kept" in text_of(shown)
    client.post(MINE, form_of(shown))
    stored.refresh_from_db()
    assert slack_url_of(stored) == SLACK
    client.post(MINE, form_of(shown, forgets_slack="on"))
    stored.refresh_from_db()
    assert slack_url_of(stored) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"slack_url": "ftp://x.example/"},
        {"slack_url": "https://x.example/" + "x" * 3000},
        {"time_zone": "Mars/Olympus"},
        {"webhook": "999999"},
        {"covers": "x"},
        {"finding.opened-email": "hourly"},
        {"finding.opened-webhook": "daily"},
        {"finding.opened-email": "\x00"},
    ],
)
def test_what_is_wrong_is_shown_and_nothing_is_saved(sign_in, world, changes):
    client = sign_in("viewer")
    answer = client.post(MINE, form_of(client.get(MINE), **changes))
    assert answer.status_code == 422
    assert subscriber_of_person(world.person("viewer")).matrix == {}


def test_without_a_mail_server_the_page_says_so(sign_in, settings):
    assert "mail server" not in main_text_of(sign_in("viewer").get(MINE))
    settings.EMAIL_HOST = settings.PUBLIC_URL = ""
    shown = main_text_of(sign_in("viewer").get(MINE))
    assert "no mail server" in shown
    assert "hold no links" in shown
    assert "Test E-mail" not in shown


def test_a_team_is_set_up_by_its_administrator(sign_in, world):
    team = TeamFactory(organization=world.ours, name="<b>Shop</b>")
    path = reverse("team-notification-settings", args=[team.uid])
    client = sign_in("administrator")
    assert b"<b>Shop" not in client.get(path).content
    given = form_of(client.get(path), slack_url=SLACK, email="team@example.com")
    assert client.post(path, given).status_code == 302
    stored = subscriber_of_team(team)
    assert (stored.email, slack_url_of(stored)) == ("team@example.com", SLACK)
    assert AuditEntry.objects.get(action="notifications.change").organization == world.ours
    for who in ("viewer", "contributor of Prod"):
        assert sign_in(who).post(path, given).status_code == 403
    assert "Notifications of the team" not in text_of(sign_in("viewer").get(MINE))


def test_only_ones_own_webhooks_are_offered(sign_in, world):
    for who in ("contributor", "administrator"):
        endpoint_with(world.person(who), world.ours, name=f"of {who}")
    offered = sign_in("administrator").get(MINE).context["form"].fields["webhook"].queryset
    assert [endpoint.name for endpoint in offered] == ["of administrator"]


def test_a_test_and_its_end_are_on_the_page(sign_in, world):
    client = sign_in("viewer")
    subscriber = subscriber_of_person(world.person("viewer"))
    path = reverse("notification-test", args=[subscriber.uid])
    answer = client.post(path, {"channel": "email"}, follow=True)
    assert "A test is on its way" in text_of(answer)
    assert NotificationMessage.objects.get().is_test
    assert "within the last minute" in text_of(client.post(path, {"channel": "email"}, follow=True))
    assert "not set up" in text_of(client.post(path, {"channel": "slack"}, follow=True))
    client.post(path, {"channel": "pigeon"})
    assert NotificationMessage.objects.count() == 1


def test_what_was_given_up_is_told_and_sent_again(sign_in, world):
    message = dead_message(world.person("viewer"), world.ours)
    client = sign_in("viewer")
    assert "refused the address (550)" in main_text_of(client.get(MINE))
    path = reverse("notification-replay", args=[message.uid])
    assert "It is sent again" in text_of(client.post(path, follow=True))
    assert "Only what was given up" in text_of(client.post(path, follow=True))
    assert "refused the address" not in main_text_of(sign_in("administrator").get(MINE))


def test_links_lead_to_pages(world):
    incident = IncidentFactory(organization=world.ours, accounts=[world.shop])
    rows = {
        "finding": world.finding(),
        "account": world.shop,
        "scan": world.scan,
        "suppression": SuppressionFactory(organization=world.ours),
        "attestation": AttestationFactory(organization=world.ours),
        "incident": incident,
        "action_item": ActionItemFactory(incident=incident, accounts=[world.shop]),
    }
    later = {"ticket", "alert"}  # a page that is to come, and two pages that are lists
    assert rows.keys() | later == set(Notice.About.values)
    for about, row in rows.items():
        assert resolve(notification_letters._PATHS[about](row))
    assert resolve(notification_letters.settings_path(subscriber_of_person(world.person("viewer"))))
    team = subscriber_of_team(TeamFactory(organization=world.ours))
    assert resolve(notification_letters.settings_path(team))


@pytest.mark.parametrize("value", ["b", None, "unknown"])
def test_a_choice_is_drawn_as_django_draws_it(value):
    made = {
        "attrs": {"class": "x", "aria-label": 'a "b" & c'},
        "choices": [("a", "<A>"), ("b", "B")],
    }
    given = {"name": "event-email", "value": value, "attrs": {"id": "i", "aria-invalid": "true"}}
    ours, theirs = (kind(**made).render(**given) for kind in (Choice, forms.Select))
    assert parse_html(ours) == parse_html(theirs)
