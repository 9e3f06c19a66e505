import pytest

from accounts.models import AuditEntry
from findings.models import Subscriber
from findings.services.subscribers import slack_url_of, subscriber_of_person, subscriber_of_team
from tests.factories.accounts import TeamFactory
from tests.factories.notifications import dead_message, reachable
from tests.factories.webhooks import endpoint_with
from tests.portal.api.conftest import badly_refused, with_token

pytestmark = pytest.mark.one_database
ME = "notification-settings/me/"
SLACK = "https://hooks.slack.com/services/T0/B0/secret"


@pytest.fixture(autouse=True)
def installation(settings):
    reachable(settings)


def test_everybody_has_settings_with_their_defaults(api):
    for who in ("viewer", "nobody"):
        told = api(who).get(ME)
        assert told.status == 200
        assert told.body["person"] == who
        assert told.body["team"] is None
        assert told.body["matrix"]["suppression.asked"]["email"] == "instant"
        assert told.body["matrix"]["finding.opened"] == {
            "email": "daily",
            "slack": "off",
            "webhook": "off",
        }
        assert told.body["channels"] == ["email"]


def test_a_choice_is_kept_and_what_is_left_out_stays(api, world):
    caller = api("viewer")
    first = caller.send("PUT", ME, {"matrix": {"finding.opened": {"email": "weekly"}}})
    assert first.status == 200
    second = caller.send(
        "PUT", ME, {"matrix": {"scan.missed": {"email": "off"}}, "time_zone": "Europe/Paris"}
    )
    assert second.body["matrix"]["finding.opened"]["email"] == "weekly"
    assert second.body["matrix"]["scan.missed"]["email"] == "off"
    assert second.body == caller.get(ME).body
    uid = second.body["uid"]
    assert caller.get(f"notification-settings/{uid}/").body == second.body
    third = caller.send("PATCH", f"notification-settings/{uid}/", {"time_zone": "Europe/Paris"})
    assert third.body == second.body
    stored = subscriber_of_person(world.person("viewer"))
    assert stored.matrix == {"finding.opened": {"email": "weekly"}, "scan.missed": {"email": "off"}}


def test_of_two_changes_from_the_same_version_the_second_is_refused(api):
    caller = api("viewer")
    version = {"If-Match": caller.get(ME).headers["ETag"]}
    body = {"matrix": {"finding.opened": {"email": "weekly"}}}
    assert caller.send("PUT", ME, body, headers=version).status == 200
    assert caller.send("PUT", ME, body, headers=version).status == 412


def test_the_address_of_slack_is_taken_and_never_told(api, world):
    caller = api("viewer")
    told = caller.send("PUT", ME, {"matrix": {}, "slack_url": SLACK})
    assert told.body["has_slack"] is True
    assert told.body["channels"] == ["email", "slack"]
    assert "secret" not in str(told.body) + str(caller.get(ME).body)
    assert "secret" not in str(list(AuditEntry.objects.values("before", "after")))
    assert slack_url_of(subscriber_of_person(world.person("viewer"))) == SLACK
    again = caller.send("PUT", ME, {"matrix": {}})
    assert again.body["has_slack"] is True
    assert caller.send("PUT", ME, {"matrix": {}, "slack_url": ""}).body["has_slack"] is False


WRONG = [
    ({"matrix": {"finding.deleted": {"email": "off"}}}, "matrix"),
    ({"matrix": {"finding.opened": {"pigeon": "off"}}}, "matrix"),
    ({"matrix": {"finding.opened": {"email": "hourly"}}}, "matrix.finding.opened.email"),
    ({"matrix": {"finding.opened": {"webhook": "daily"}}}, "matrix"),
    ({"matrix": "x"}, "matrix"),
    ({"matrix": {"finding.opened": []}}, "matrix.finding.opened"),
    ({"matrix": {}, "slack_url": "ftp://x.example/"}, "slack_url"),
    ({"matrix": {}, "slack_url": "https://u:p@x.example/"}, "slack_url"),
    ({"matrix": {}, "slack_url": "https://x.example/\u0000"}, "slack_url"),
    ({"matrix": {}, "time_zone": "Mars/Olympus"}, "time_zone"),
    ({"matrix": {}, "email": "other@example.com"}, "email"),
    ({"matrix": {}, "covers": "everything"}, "covers"),
    ({"matrix": {}, "webhook": "0190b5a8-7b7a-7000-8000-000000000000"}, "webhook"),
    ({"matrix": {}, "user": 1}, "user"),
    ({}, "matrix"),
]


def test_what_is_wrong_is_refused_by_field(api):
    caller = api("viewer")

    def put(body):
        return caller.send("PUT", ME, body)

    assert badly_refused(put, WRONG) == {}


def test_the_webhook_of_another_is_not_there(api, world):
    endpoint, _ = endpoint_with(world.person("contributor"), world.ours)
    body = {"matrix": {}, "webhook": str(endpoint.uid)}
    assert api("contributor of Prod").send("PUT", ME, body).status == 400
    # seen by who administers, and yet it tells what another may see
    assert api("administrator").send("PUT", ME, body).status == 400
    assert api("contributor").send("PUT", ME, body).body["webhook"] == str(endpoint.uid)


def test_teams_are_for_who_administers_their_organization(api, world):
    team = TeamFactory(organization=world.ours, members=[world.person("viewer")])
    lists = {}
    for who in ("viewer", "administrator", "stranger"):
        rows = api(who).get("notification-settings/").results
        lists[who] = {row["team"] for row in rows} - {None}
    assert lists == {"viewer": set(), "administrator": {str(team.uid)}, "stranger": set()}
    uid = subscriber_of_team(team).uid
    body = {"email": "team@example.com", "slack_url": SLACK}
    told = api("administrator").send("PATCH", f"notification-settings/{uid}/", body)
    assert told.status == 200
    assert told.body["channels"] == ["email", "slack"]
    assert "suppression.asked" not in told.body["matrix"]


def test_a_limited_token_chooses_for_nobody(world):
    program = with_token(world.person("administrator"), ous=[world.prod])
    assert program.get("notification-settings/").results == []
    assert program.get(ME).status == 404
    assert program.send("PUT", ME, {"matrix": {}, "slack_url": SLACK}).status == 404
    assert not Subscriber.objects.exclude(slack=b"").exists()


def test_messages_tell_how_they_went_and_only_to_their_reader(api, world):
    message = dead_message(world.person("viewer"), world.ours)
    (row,) = api("viewer").get("notification-messages/", status="dead").results
    assert row["uid"] == str(message.uid)
    assert row["last_error"] == "The mail server refused the address (550)."
    assert api("administrator").get("notification-messages/").results == []
    changed = api("viewer").get("notification-messages/", updated_since="2026-01-01T00:00:00Z")
    assert [row["uid"] for row in changed.results] == [str(message.uid)]
    path = f"notification-messages/{message.uid}/replay/"
    assert api("viewer").post(path).body["status"] == "waiting"
    assert api("viewer").post(path).status == 409


def test_a_test_is_sent_once_a_minute_and_only_by_what_is_set_up(api, world):
    caller = api("viewer")
    uid = caller.get(ME).body["uid"]
    path = f"notification-settings/{uid}/test/"
    assert caller.post(path, {"channel": "slack"}).errors.keys() == {"channel"}
    assert caller.post(path, {"channel": "email"}).body["is_test"] is True
    assert caller.post(path, {"channel": "email"}).status == 409
    alone = api("nobody")
    path = f"notification-settings/{alone.get(ME).body['uid']}/test/"
    assert alone.post(path, {"channel": "email"}).status == 400
