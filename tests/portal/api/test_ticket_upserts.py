"""Trackers that Cairn does not speak to: their issues by their ids, told again and again."""

import uuid

import pytest

from findings.models import Episode, Ticket, TicketEvent
from findings.services.tickets import ticket_open
from tests.factories.tickets import ConnectionFactory, open_finding
from tests.portal.api.conftest import badly_refused, with_token


@pytest.fixture
def tracker(world):
    return ConnectionFactory(organization=world.ours, kind="api", base_url="")


@pytest.fixture
def client_of(world):
    return with_token(world.person("contributor"), ["tickets:write", "read"])


@pytest.fixture
def body(world, tracker):
    return {
        "connection": str(tracker.uid),
        "external_id": "77",
        "key": "X-77",
        "url": "https://x.example.com/77",
        "findings": [str(world.finding().uid)],
        "status": {"status": "in_progress", "who": "jo", "at": "2026-01-01T00:00:00Z"},
        "assignee": "jo",
        "comments": [{"external_id": "1", "body": "On it.", "author": "jo"}],
    }


def test_an_issue_opens_a_ticket_and_told_again_changes_nothing(client_of, body):
    first = client_of.post("tickets/upsert/", body)
    assert first.status == 201, first.body
    told = first.body
    assert (told["external_id"], told["name"], told["url"]) == ("77", "X-77", body["url"])
    assert (told["status"], told["assignee"], told["findings_open"]) == ("in_progress", "jo", 1)
    events = TicketEvent.objects.count()
    again = client_of.post("tickets/upsert/", body)
    assert (again.status, again.body) == (200, told)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert TicketEvent.objects.count() == events
    (comment,) = client_of.get(f"tickets/{told['uid']}/comments/").results
    assert (comment["origin"], comment["external_id"]) == ("tracker", "1")


def test_done_is_a_claim_and_what_is_older_is_dropped(client_of, body, world):
    client_of.post("tickets/upsert/", body)
    done = {"status": "done", "at": "2026-01-02T00:00:00Z"}
    told = client_of.post("tickets/upsert/", {**body, "status": done}).body
    assert (told["status"], told["findings"][0]["state"]) == ("done", "claimed")
    assert client_of.post("tickets/upsert/", body).body["status"] == "done"


def test_findings_join_the_ticket_that_is_there(client_of, body, world):
    uid = client_of.post("tickets/upsert/", body).body["uid"]
    both = [str(world.finding(account).uid) for account in (world.shop, world.sandbox)]
    told = client_of.post("tickets/upsert/", {**body, "findings": both, "title": "Mine"})
    assert (told.status, told.body["uid"]) == (200, uid)
    assert (told.body["findings_total"], told.body["title"]) == (2, "Mine")


@pytest.mark.parametrize("findings", [None, []])
def test_an_issue_that_is_not_known_needs_findings(client_of, body, findings):
    given = {**body, "findings": findings}
    if findings is None:
        del given["findings"]
    answer = client_of.post("tickets/upsert/", given)
    assert (answer.status, "name the ticket" in answer.body["detail"]) == (409, True)
    assert not Ticket.objects.exists()


WRONG = [
    ({"external_id": ""}, "external_id"),
    ({"external_id": "a\0"}, "external_id"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"url": "http://[::1"}, "url"),
    ({"url": "http:///x"}, "url"),
    ({"url": 'https://x.example/" onclick='}, "url"),
    ({"status": {"status": "closed"}}, "status.status"),
    ({"status": {"status": "done", "at": "soon"}}, "status.at"),
    ({"comments": [{"body": "x"}]}, "comments.0.external_id"),
    ({"connection": str(uuid.uuid4())}, "connection"),
    ({"state": "done"}, "state"),
]


def test_what_is_wrong_is_told_by_field_and_changes_nothing(client_of, body):
    def upsert(change):
        return client_of.post("tickets/upsert/", {**body, **change})

    assert badly_refused(upsert, WRONG, Ticket) == {}


def test_a_tracker_may_have_a_name_without_a_dot(client_of, body):
    told = client_of.post("tickets/upsert/", {**body, "url": "http://tracker:8080/browse/X-77"})
    assert (told.status, told.body["url"]) == (201, "http://tracker:8080/browse/X-77")


def test_a_ticket_of_ours_is_linked_to_its_issue_once(client_of, tracker, world):
    ticket = ticket_open(
        actor=None, findings=[world.finding()], connection=tracker, now=world.lab.now
    )
    where = f"tickets/{ticket.uid}/"
    etag = client_of.get(where).headers["ETag"]
    link = {"external_id": "78", "key": "X-78"}
    told = client_of.post(f"{where}link/", link, {"If-Match": etag})
    assert (told.status, told.body["external_id"]) == (200, "78")
    found = client_of.get("tickets/", external_id="78", connection=tracker.uid).results
    assert [row["uid"] for row in found] == [str(ticket.uid)]
    other = ticket_open(
        actor=None,
        findings=[open_finding(account=world.shop)],
        connection=tracker,
        now=world.lab.now,
    )
    taken = client_of.post(f"tickets/{other.uid}/report/", link)
    assert (taken.status, Ticket.objects.get(pk=other.pk).external_id) == (409, "")


def test_a_tracker_with_an_adapter_is_not_told_of(client_of, body, world):
    theirs = ConnectionFactory(organization=world.ours)
    answer = client_of.post("tickets/upsert/", {**body, "connection": str(theirs.uid)})
    assert (answer.status, Ticket.objects.count()) == (409, 0)
    assert "synchronized by Cairn itself" in answer.body["detail"]


def test_many_are_taken_over_each_by_itself(client_of, body, world):
    items = [
        body,
        {**body, "external_id": "78", "findings": [str(uuid.uuid4())]},
        {**body, "external_id": "79", "findings": [str(world.finding(world.sandbox).uid)]},
    ]
    for _ in range(2):
        answer = client_of.post("tickets/bulk_upsert/", {"items": items})
        assert [row["status"] for row in answer.body["results"]] == [200, 400, 200]
    assert answer.body["results"][2]["result"]["external_id"] == "79"
    assert Ticket.objects.count() == 2


def test_a_limited_token_reaches_only_its_own(world, body):
    limited = with_token(world.person("administrator"), ["tickets:write"], ous=[world.prod])
    hidden = {**body, "findings": [str(world.finding(world.sandbox).uid)]}
    refused = limited.post("tickets/upsert/", hidden)
    assert (refused.status, list(refused.errors)) == (400, ["findings"])
    assert limited.post("tickets/upsert/", body).status == 201
    assert Episode.objects.filter(ticket_findings__isnull=False).count() == 1


def test_a_viewer_tells_nothing(world, body):
    viewer = with_token(world.person("viewer"), ["tickets:write"])
    assert viewer.post("tickets/upsert/", body).status == 403
    assert not Ticket.objects.exists()


def test_an_issue_made_for_a_ticket_is_linked_and_told_at_once(client_of, body, tracker, world):
    ours, other = (
        ticket_open(actor=None, findings=[finding], connection=tracker, now=world.lab.now)
        for finding in (world.finding(), world.finding(world.sandbox))
    )
    told = client_of.post("tickets/upsert/", {**body, "ticket": str(ours.uid)})
    assert (told.status, told.body["uid"], told.body["external_id"]) == (200, str(ours.uid), "77")
    for change in ({"ticket": str(other.uid)}, {"ticket": str(ours.uid), "external_id": "78"}):
        assert client_of.post("tickets/upsert/", {**body, **change}).status == 409, change
    assert sorted(Ticket.objects.values_list("external_id", flat=True)) == ["", "77"]
    unseen = with_token(world.person("administrator"), ["tickets:write"], ous=[world.prod])
    answer = unseen.post("tickets/upsert/", {**body, "ticket": str(other.uid)})
    assert (answer.status, list(answer.errors)) == (400, ["ticket"])
