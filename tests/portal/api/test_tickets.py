"""Tickets through the API: opened, changed from a version, told each caller as they may know."""

import uuid

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from findings.models import Episode, SyncEvent, Ticket
from findings.services.connections import board_of
from findings.services.tickets import ticket_comment, ticket_open
from tests.factories.accounts import TeamFactory
from tests.factories.findings import FindingFactory
from tests.factories.tickets import ConnectionFactory, RouteFactory, open_finding
from tests.portal.api.conftest import badly_refused, with_token
from tests.portal.world import CHECK


@pytest.fixture
def ticket(world):
    return opened(world, world.finding())


@pytest.fixture
def ticket_of_both(world):
    findings = [world.finding(), world.finding(world.sandbox)]
    return opened(world, *findings, title="In zanzibar, too", note="zanzibar")


def opened(world, *findings, **fields):
    return ticket_open(actor=None, findings=findings, now=world.lab.now, **fields)


def path(ticket, act=""):
    return f"tickets/{ticket.uid}/{act}"


def change(caller, ticket, act, body, method="POST"):
    """From the version that is."""
    known = caller.get(path(ticket)).headers["ETag"]
    return caller.send(method, path(ticket, act), body, {"If-Match": known})


def body(*findings, **fields):
    return {"findings": [str(finding.uid) for finding in findings], **fields}


def test_a_contributor_opens_a_ticket_and_reads_it_back(api, world):
    caller, finding = api("contributor"), world.finding()
    made = caller.post("tickets/", body(finding, note="Before Friday."))
    assert made.status == 201, made.body
    told = made.body
    assert (told["status"], told["is_live"], told["findings_open"]) == ("todo", True, 1)
    assert told["connection"] == str(board_of(world.ours).uid)
    assert (told["opened_by"], told["note"]) == ("contributor", "Before Friday.")
    assert [f["uid"] for f in told["findings"]] == [str(finding.uid)]
    assert told["findings"][0]["state"] == "open"
    assert finding.resource in told["body"]
    detail = caller.get(f"tickets/{told['uid']}/")
    assert (detail.body, detail.headers["ETag"]) == (told, made.headers["ETag"])
    (row,) = caller.get("tickets/").results
    assert row.items() <= told.items()
    assert AuditEntry.objects.get(action="ticket.open").actor.username == "contributor"


def test_a_route_and_a_connection_say_where(api, world):
    route = RouteFactory(organization=world.ours, project="OPS")
    caller = api("contributor")
    told = caller.post("tickets/", body(world.finding(), route=str(route.uid), title="Mine")).body
    assert (told["route"], told["project"]) == (str(route.uid), "OPS")
    assert told["connection"] == str(route.connection.uid)
    assert (told["title"], told["has_own_title"]) == ("Mine", True)


WRONG = [
    ({"findings": []}, "findings"),
    ({"findings": ["x"]}, "findings.0"),
    ({"findings": [str(uuid.uuid4())]}, "findings"),
    ({"connection": str(uuid.uuid4())}, "connection"),
    ({"route": str(uuid.uuid4())}, "route"),
    ({"team": "nobody's"}, "team"),
    ({"title": "x" * 256}, "title"),
    ({"note": "a\0b"}, "note"),
    ({"severity": "low"}, "severity"),
]


def test_what_is_wrong_is_told_by_field_and_opens_nothing(api, world):
    caller, right = api("contributor"), body(world.finding())

    def open_one(fields):
        return caller.post("tickets/", {**right, **fields})

    assert badly_refused(open_one, WRONG, Ticket) == {}


def test_findings_that_cannot_have_a_ticket_are_refused(api, world, ticket):
    caller = api("contributor")
    taken = caller.post("tickets/", body(world.finding()))
    assert (taken.status, taken.type) == (409, "application/problem+json")
    assert str(ticket) in taken.body["detail"]
    closed = FindingFactory(account=world.shop, is_open=False)
    assert caller.post("tickets/", body(closed)).status == 409
    foreign = ConnectionFactory(organization=world.theirs)
    answer = caller.post(
        "tickets/", body(world.finding(world.sandbox), connection=str(foreign.uid))
    )
    assert (answer.status, list(answer.errors)) == (400, ["connection"])


def test_who_sees_a_part_is_told_of_that_part_alone(api, world, ticket_of_both):
    for caller in (
        api("contributor of Prod"),
        with_token(world.person("administrator"), ["read"], ous=[world.prod]),
    ):
        detail = caller.get(path(ticket_of_both))
        (row,) = caller.get("tickets/").results
        for told in (detail.body, row):
            assert (told["is_whole"], told["findings_total"], told["findings_open"]) == (
                False,
                1,
                1,
            )
        assert [f["account_id"] for f in detail.body["findings"]] == [world.shop.account_id]
        assert detail.body["note"] == ""
        for where in ("comments/", "log/"):
            assert caller.get(path(ticket_of_both, where)).results == []
        answers = [detail, *(caller.get(p) for p in ("tickets/", "tickets/drift/", "outbox/"))]
        told = str([answer.body for answer in answers])
        assert "zanzibar" not in told
        assert world.sandbox.account_id not in told
    whole = api("viewer").get(path(ticket_of_both)).body
    assert (whole["is_whole"], whole["findings_total"], whole["note"]) == (True, 2, "zanzibar")


def test_who_sees_a_part_changes_nothing_and_learns_nothing_by_trying(api, world, ticket_of_both):
    caller = api("contributor of Prod")
    tried = [
        change(caller, ticket_of_both, act, given, method)
        for method, act, given in [
            ("PATCH", "", {"title": "x"}),
            ("POST", "move/", {"status": "done"}),
            ("POST", "comments/", {"body": "x"}),
            ("POST", "report/", {"assignee": "jo"}),
            ("POST", "link/", {"external_id": "1"}),
            ("POST", "return/", {}),
            ("POST", "resolve/", {"side": "ours"}),
            ("POST", "findings/", body(open_finding(account=world.shop))),
        ]
    ]
    assert {answer.status for answer in tried} == {403}
    assert "sandbox" not in str([answer.body for answer in tried])
    assert not AuditEntry.objects.filter(actor__isnull=False).exists()


def test_a_ticket_of_hidden_accounts_does_not_exist(api, world):
    hidden = opened(world, world.finding(world.sandbox))
    caller = api("viewer of Prod")
    assert caller.get("tickets/").results == []
    for where in ("", "comments/", "log/"):
        assert caller.get(path(hidden, where)).status == 404
    assert caller.post(path(hidden, "report/"), {"assignee": "jo"}).status == 404


# --- Filters ---
def test_lists_are_narrowed(api, world, ticket):
    team = TeamFactory(organization=world.ours, name="storage")
    tracker = ConnectionFactory(organization=world.ours)
    other = opened(world, world.finding(world.sandbox), connection=tracker, team=team)
    Ticket.objects.filter(pk=other.pk).update(
        external_id="77", key="X-77", status="done", due_on="2026-03-01", severity="low"
    )
    Ticket.objects.filter(pk=ticket.pk).update(due_on="2027-01-01", severity="high")
    caller = api("viewer")

    def found(**query):
        return {row["uid"] for row in caller.get("tickets/", **query).results}

    ours, both = {str(other.uid)}, {str(ticket.uid), str(other.uid)}
    assert found() == found(organization=world.ours.uid) == found(check_id=CHECK) == both
    finding = world.finding(world.sandbox)
    for query in (
        {"status": "done"},
        {"severity": "low"},
        {"connection": tracker.uid},
        {"team": "storage"},
        {"external_id": "77"},
        {"key": "X-77"},
        {"state": "waiting"},
        {"due_before": "2026-06-01"},
        {"finding": finding.uid},
        {"account_id": world.sandbox.account_id},
        {"ou": "Dev"},
        {"check_id": CHECK, "ou": "Dev"},
    ):
        assert found(**query) == ours, query
    assert found(state="live") == both
    for query in (
        {"state": "closed"},
        {"wont_do": True},
        {"check_id": "another"},
        {"organization": world.theirs.uid},
        {"finding": finding.uid, "account_id": world.shop.account_id},
    ):
        assert found(**query) == set(), query
    for query in ({"state": "old"}, {"colour": "red"}, {"account_id": "x"}, {"finding": "x"}):
        assert caller.get("tickets/", **query).status == 400, query


def test_filters_tell_nothing_of_findings_that_the_caller_does_not_see(api, world, ticket_of_both):
    hidden = world.finding(world.sandbox)
    caller = api("viewer of Prod")
    assert len(caller.get("tickets/", finding=world.finding().uid).results) == 1
    for query in ({"finding": hidden.uid}, {"account_id": world.sandbox.account_id}, {"ou": "Dev"}):
        assert caller.get("tickets/", **query).results == []


def test_changes_are_followed_from_a_time(api, world, ticket):
    caller, since = api("contributor"), timezone.now().isoformat()
    assert caller.get("tickets/", updated_since=since).results == []
    change(caller, ticket, "", {"title": "Mine"}, "PATCH")
    answer = caller.get("tickets/", updated_since=since)
    assert [row["title"] for row in answer.results] == ["Mine"]
    assert answer.body["resume"]


# --- Versions ---
CHANGES = [
    ("PATCH", "", {"title": "Mine"}),
    ("POST", "move/", {"status": "in_progress"}),
    ("POST", "return/", {}),
    ("POST", "link/", {"external_id": "77"}),
    ("POST", "resolve/", {"side": "ours"}),
    ("POST", "findings/", {"findings": [str(uuid.uuid4())]}),
]


@pytest.mark.parametrize(("method", "act", "given"), CHANGES)
def test_a_change_says_which_version_it_is_of(api, ticket, method, act, given):
    caller = api("contributor")
    old = caller.get(path(ticket)).headers["ETag"]
    assert caller.send(method, path(ticket, act), given).status == 428
    ticket_comment(actor=None, ticket=ticket, body="Look.", now=timezone.now())
    stale = caller.send(method, path(ticket, act), given, {"If-Match": old})
    assert (stale.status, stale.type) == (412, "application/problem+json")
    assert Ticket.objects.get().external_id == ""


def test_editing_keeps_what_is_left_out(api, world, ticket):
    TeamFactory(organization=world.ours, name="storage")
    caller = api("contributor")
    told = change(caller, ticket, "", {"note": "Soon", "team": "storage"}, "PATCH")
    assert (told.status, told.body["note"], told.body["team"]) == (200, "Soon", "storage")
    assert told.headers["ETag"] == caller.get(path(ticket)).headers["ETag"]
    told = change(caller, ticket, "", {"assignee": "jo"}, "PATCH").body
    assert (told["assignee"], told["team"], told["note"]) == ("jo", "storage", "Soon")
    assert change(caller, ticket, "", {"team": None}, "PATCH").body["team"] is None
    assert change(caller, ticket, "", {"status": "done"}, "PATCH").status == 400


def test_more_findings_join_a_ticket(api, world, ticket):
    caller = api("contributor")
    told = change(caller, ticket, "findings/", body(world.finding(world.sandbox)))
    assert (told.status, told.body["findings_total"]) == (200, 2)


# --- What people say ---
def test_done_is_a_claim_and_wont_do_says_why(api, world, ticket):
    caller = api("contributor")
    done = change(caller, ticket, "move/", {"status": "done"})
    assert (done.body["status"], done.body["is_live"]) == ("done", True)
    assert done.body["findings"][0]["state"] == "claimed"
    assert Episode.objects.get(finding=world.finding()).workflow == "fix_claimed"
    back = change(caller, ticket, "return/", {"note": "Not yet"})
    assert (back.status, back.body["status"]) == (200, "todo")
    no_reason = change(caller, ticket, "move/", {"status": "done", "wont_do": True})
    assert "reason" in no_reason.errors
    refused = change(
        caller, ticket, "move/", {"status": "done", "wont_do": True, "reason": "It is a test."}
    )
    assert refused.body["wont_do"]
    (asked,) = caller.get("suppressions/").results
    assert asked["state"] == "asked"


def test_many_are_moved_each_by_itself(api, world, ticket):
    other = opened(world, world.finding(world.sandbox))
    caller = api("contributor")
    etag = caller.get(path(ticket)).headers["ETag"]
    items = [
        {"ticket": str(ticket.uid), "etag": etag, "status": "in_progress"},
        {"ticket": str(other.uid), "etag": etag, "status": "done"},
        {"ticket": str(other.uid), "status": "done"},
        {"ticket": str(uuid.uuid4()), "etag": "*", "status": "done"},
        {"ticket": str(other.uid), "etag": "*", "status": "done"},
    ]
    answer = caller.post("tickets/bulk_move/", {"items": items})
    assert [row["status"] for row in answer.body["results"]] == [200, 412, 400, 404, 200]
    assert answer.body["results"][0]["result"]["status"] == "in_progress"


def test_comments_are_said_and_read(api, ticket):
    caller = api("contributor")
    said = caller.post(path(ticket, "comments/"), {"body": "On it."})
    assert (said.status, said.body["origin"], said.body["author"]) == (201, "person", "contributor")
    (row,) = caller.get(path(ticket, "comments/")).results
    assert row == said.body
    assert caller.post(path(ticket, "comments/"), {"body": " "}).status == 400
    key = {"Idempotency-Key": "1"}
    for _ in range(2):
        assert caller.post(path(ticket, "comments/"), {"body": "Once."}, key).status == 201
    assert len(caller.get(path(ticket, "comments/")).results) == 2


# --- Scopes of tokens ---
def test_a_token_needs_the_scope(world, ticket):
    contributor = world.person("contributor")
    reading = with_token(contributor, ["read", "findings:write"])
    answer = reading.post(path(ticket, "comments/"), {"body": "x"})
    assert (answer.status, answer.body["detail"]) == (
        403,
        "This token lacks the scope tickets:write.",
    )
    writing = with_token(contributor, ["tickets:write"])
    assert writing.post(path(ticket, "comments/"), {"body": "x"}).status == 201


# --- The sync ---
def test_the_log_and_the_drift_are_told_and_settled(api, world):
    tracker = ConnectionFactory(organization=world.ours)
    ticket = opened(world, world.finding(), connection=tracker, project="OPS")
    SyncEvent.objects.create(
        ticket=ticket,
        connection=tracker,
        at=timezone.now(),
        direction="out",
        operation="create",
        who="cairn",
    )
    Ticket.objects.filter(pk=ticket.pk).update(blocked_reason="a field is required")
    caller = api("contributor")
    (line,) = caller.get(path(ticket, "log/")).results
    assert (line["operation"], line["direction"]) == ("create", "out")
    (drift,) = caller.get("tickets/drift/").results
    assert (drift["ticket"], drift["lines"][0]["what"]) == (str(ticket.uid), "blocked")
    assert change(caller, ticket, "resolve/", {"side": "both"}).status == 400
    assert change(caller, ticket, "resolve/", {"side": "theirs"}).status == 409
    told = change(caller, ticket, "resolve/", {"side": "ours"})
    assert (told.status, told.body["blocked_reason"]) == (200, "")
    assert caller.get("tickets/drift/").results == []
