import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import Finding, Suppression
from tests.factories.accounts import GrantFactory, UserFactory
from tests.factories.findings import SuppressionFactory
from tests.portal.api.conftest import badly_refused, with_token
from tests.portal.world import CHECK

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def approver(world):
    GrantFactory(user=UserFactory(username="approver"), role=Role.APPROVER, organization=world.ours)
    return "approver"


@pytest.fixture
def body(world):
    return {
        "organization": str(world.ours.uid),
        "kind": "accepted_risk",
        "check_id": CHECK,
        "maximum": 10,
        "reason": "another trail logs",
        "ends_at": "2026-03-20T00:00:00Z",
    }


def path(row, act=""):
    return f"suppressions/{row['uid']}/{act}"


def decide(caller, row, act, body=None):
    """From the version that is."""
    known = caller.get(path(row)).headers["ETag"]
    return caller.post(path(row, f"{act}/"), body, {"If-Match": known})


def test_a_contributor_asks_and_an_approver_lets_it_cover(api, world, body, approver):
    asked = api("contributor").post("suppressions/", body)
    assert (asked.status, asked.body["state"], asked.body["covered"]) == (201, "asked", 0)
    assert asked.body["asked_by"] == "contributor"
    caller = api(approver)
    approved = decide(caller, asked.body, "approve", {"note": "fine"})
    assert (approved.status, approved.body["state"], approved.body["covered"]) == (
        200,
        "active",
        2,
    )
    assert approved.body.items() >= {"decided_by": approver, "decision_note": "fine"}.items()
    found = {f["uid"]: f["suppressed_until"] for f in caller.get("findings/").results}
    assert set(found.values()) == {"2026-03-20T00:00:00Z"}
    assert caller.get("findings/", suppressed=False).results == []
    assert len(caller.get("findings/", suppressed=True).results) == 2
    covering = caller.get("suppressions/", covers=world.finding().uid).results
    assert [row["uid"] for row in covering] == [asked.body["uid"]]
    assert AuditEntry.objects.filter(action__startswith="suppression.").count() == 2


def test_the_approver_is_another_person_than_the_asker(api, world, body, approver):
    world.person("administrator")
    caller = api(approver)
    asked = caller.post("suppressions/", body)
    answer = decide(caller, asked.body, "approve")
    assert (answer.status, answer.type) == (403, "application/problem+json")
    assert "another approver" in answer.body["detail"]


def test_one_of_a_single_finding_needs_no_more_than_the_finding(api, world, body, approver):
    finding = world.finding()
    only = {k: body[k] for k in ("organization", "kind", "reason", "ends_at")}
    asked = api("contributor of Prod").post("suppressions/", {**only, "finding": str(finding.uid)})
    assert (asked.status, asked.body["account_id"]) == (201, world.shop.account_id)
    assert decide(api(approver), asked.body, "approve").body["covered"] == 1
    elsewhere = {**only, "finding": str(world.finding(world.sandbox).uid)}
    assert api("contributor of Prod").post("suppressions/", elsewhere).status == 404


def test_a_refusal_needs_a_note_and_what_is_decided_stays_so(api, body, approver):
    asked = api("contributor").post("suppressions/", body)
    caller = api(approver)
    assert decide(caller, asked.body, "refuse").errors == {
        "note": "Say why, for the person who asked."
    }
    assert decide(caller, asked.body, "refuse", {"note": "no"}).body["state"] == "refused"
    again = decide(caller, asked.body, "approve")
    assert (again.status, again.type) == (409, "application/problem+json")
    assert decide(caller, asked.body, "revoke").status == 409


def test_revoking_ends_it(api, world, body, approver):
    asked = api("contributor").post("suppressions/", body)
    caller = api(approver)
    decide(caller, asked.body, "approve")
    assert decide(caller, asked.body, "revoke").body["state"] == "revoked"
    assert caller.get("findings/", suppressed=True).results == []


def test_a_preview_tells_what_it_would_cover_and_saves_nothing(api, world, body):
    answer = api("contributor").post("suppressions/preview/", body)
    assert answer.body.items() >= {"findings": 2, "accounts": 2, "already": 0}.items()
    (line,) = answer.body["severities"]
    assert line["findings"] == 2
    assert line["ends_at"] == "2026-03-20T00:00:00Z"
    assert len(answer.body["sample"]) == 2
    beyond = api("contributor").post("suppressions/preview/", {**body, "maximum": 1})
    assert beyond.body["is_beyond_maximum"]
    assert not Suppression.objects.exists()


BAD_INPUT = [
    ({"kind": "ignored"}, "kind", "not a valid choice"),
    ({"reason": ""}, "reason", "may not be blank"),
    ({"reason": "a\0b"}, "reason", "Null characters"),
    ({"reason": "x" * 10_001}, "reason", "no more than 10000"),
    ({"ends_at": None}, "ends_at", "may not be null"),
    ({"ends_at": "soon"}, "ends_at", "Datetime has wrong format"),
    ({"ends_at": "2027-03-20T00:00:00Z"}, "ends_at", "At most"),
    ({"check_id": "no_such_check"}, "check_id", "no such check"),
    ({"ends_at": "2020-03-20T00:00:00Z"}, "ends_at", "This is over"),
    ({"maximum": None}, "maximum", "how many findings it may cover"),
    ({"maximum": -1}, "maximum", "greater than or equal to"),
    ({"maximum": 10**30}, "maximum", "less than or equal to"),
    ({"ou": "Nowhere"}, "ou", "You see none that is called"),
    ({"account_id": "999999999999"}, "account_id", "You see none that is called"),
    ({"resource": "*"}, "resource", "only stand at the end"),
    ({"finding": "x"}, "finding", "Must be a valid UUID"),
    ({"state": "active", "is_approved": True, "suppress": 1}, "suppress", "no such field"),
]


def test_bad_input_is_told_by_field_and_saves_nothing(api, body):
    caller = api("contributor")

    def ask(changes):
        return caller.post("suppressions/", body | changes)

    assert badly_refused(ask, BAD_INPUT, Suppression) == {}


def test_nobody_approves_by_asking(api, body):
    answer = api("contributor").post("suppressions/", {**body, "is_approved": True, "state": "x"})
    assert (answer.status, answer.body["state"]) == (201, "asked")


def test_who_sees_a_part_sees_no_figures_of_the_rest(api, world, body, approver):
    asked = api("contributor").post("suppressions/", body)
    decide(api(approver), asked.body, "approve")
    told = api("viewer of Prod").get(path(asked.body))
    assert told.body["covered"] == 1
    elsewhere = Finding.objects.get(account=world.sandbox).uid
    caller = api("viewer of Prod")
    assert caller.get("suppressions/", covers=elsewhere).results == []
    assert len(caller.get("findings/", suppressed=True).results) == 1


def test_everybody_sees_those_of_what_they_see(api, world):
    for name, scope in {
        "of all": {},
        "of Prod": {"ou": world.prod},
        "of Dev": {"ou": world.dev},
        "of sandbox": {"account": world.sandbox},
    }.items():
        SuppressionFactory(organization=world.ours, reason=name, **scope)
    seen = {
        who: {row["reason"] for row in api(who).get("suppressions/").results}
        for who in ("viewer", "viewer of Prod", "stranger", "nobody")
    }
    assert seen == {
        "viewer": {"of all", "of Prod", "of Dev", "of sandbox"},
        "viewer of Prod": {"of all", "of Prod"},
        "stranger": set(),
        "nobody": set(),
    }


def test_filters_by_state(api, world):
    for fields in ({}, {"is_approved": None, "decided_at": None}, {"revoked_at": NOW}):
        SuppressionFactory(organization=world.ours, **fields)
    caller = api("viewer")
    for state in ("active", "asked", "revoked"):
        (row,) = caller.get("suppressions/", state=state).results
        assert row["state"] == state
    assert caller.get("suppressions/", state="expired").results == []
    assert caller.get("suppressions/", state="x").status == 400
    assert caller.get("suppressions/", kind="false_positive").results == []


# --- Who decides, and from which version ---
def test_only_an_approver_of_the_whole_scope_decides(api, world, body):
    asked = api("contributor").post("suppressions/", body).body
    for who in ("viewer", "contributor", "viewer of Prod", "contributor of Prod"):
        assert decide(api(who), asked, "approve").status == 403
        assert decide(api(who), asked, "refuse", {"note": "no"}).status == 403
    assert decide(api("administrator"), asked, "approve").status == 200
    assert decide(api("viewer"), asked, "revoke").status == 403


def test_a_decision_says_which_version_it_is_of(api, body, approver):
    asked = api("contributor").post("suppressions/", body)
    caller = api(approver)
    assert caller.post(path(asked.body, "approve/")).status == 428
    stale = {"If-Match": asked.headers["ETag"]}
    assert caller.get(path(asked.body)).headers["ETag"] == asked.headers["ETag"]
    decided = decide(caller, asked.body, "approve")
    assert decided.headers["ETag"] == caller.get(path(asked.body)).headers["ETag"]
    assert caller.post(path(asked.body, "revoke/"), {}, stale).status == 412


def test_changes_are_followed_from_a_time(api, body, approver):
    caller = api("contributor")
    asked = caller.post("suppressions/", body).body
    later = NOW + DAY
    assert caller.get("suppressions/", updated_since=later.isoformat()).results == []
    with time_machine.travel(later, tick=False):
        decide(api(approver), asked, "refuse", {"note": "no"})
        answer = api("contributor").get("suppressions/", updated_since=later.isoformat())
    assert [row["state"] for row in answer.results] == ["refused"]
    assert answer.body["resume"]


def test_a_token_needs_the_scope(world, body):
    contributor = world.person("contributor")
    assert with_token(contributor, ["tickets:write"]).post("suppressions/", body).status == 403
    allowed = with_token(contributor, ["suppressions:write"])
    assert allowed.post("suppressions/", body).status == 201
