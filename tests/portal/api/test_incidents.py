import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEntry
from findings.models import ActionItem, Incident, Scan, Ticket, TimelineEntry
from findings.services.guard_following import guards_follow
from tests.factories.incidents import ActionItemFactory, IncidentFactory, LearningFactory
from tests.findings.checks.builders_cloudtrail import trail
from tests.portal.api.conftest import badly_refused, with_token
from tests.portal.world import CHECK

NOW = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def body(world):
    return {
        "organization": str(world.ours.uid),
        "title": "Orders were lost",
        "summary": "*none* came",
        "severity": "critical",
        "accounts": [world.shop.account_id],
        "services": ["shop"],
        "checks": [CHECK],
        "users_affected": 120,
        "started_at": "2026-03-03T09:00:00Z",
        "detected_at": "2026-03-03T09:30:00Z",
        "external_reference": "PD-7",
    }


def test_from_the_record_to_a_verified_action_and_a_regression(api, world, body):
    caller = api("administrator")
    made = caller.post("incidents/", body)
    assert made.status == 201
    told = {"key": "INC-1", "state": "ongoing", "analysis": None}
    assert made.body.items() >= {**body, **told}.items()
    assert made.body["seconds"]["to_detect"] == 1800
    where = f"incidents/{made.body['uid']}/"

    entry = caller.post(f"{where}timeline/", {"at": "2026-03-03T09:30:00Z", "text": "it rang"})
    star = {"entry": entry.body["uid"], "is_starred": True}
    assert caller.post(f"{where}star/", star).body["is_starred"] is True
    mistake = caller.post(f"{where}factors/", {"kind": "code", "text": "nobody was tld"}).body
    assert caller.post(f"{where}remove/", {"part": mistake["uid"]}).status == 204
    caller.post(f"{where}factors/", {"kind": "monitoring", "text": "nobody was told"})
    assert [row["text"] for row in caller.get(f"{where}factors/").body] == ["nobody was told"]

    assert [row["check_id"] for row in caller.get(f"{where}open-then/").body] == [CHECK]
    (known,) = caller.post(f"{where}foresight/").body
    assert (known["proposed"], known["confirmed"]) == ("foreseen_open", "")
    confirm = {"entry": known["uid"], "foresight": "foreseen_open"}
    assert caller.post(f"{where}confirm/", confirm).body["confirmed_by"] == "administrator"

    analysis = caller.post("analyses/", {"incident": made.body["uid"], "template": "light",
                                         "sections": {"conclusion": "watch it"}})  # fmt: skip
    page = f"analyses/{analysis.body['uid']}/"
    for state in ("in_review", "published"):
        etag = {"If-Match": caller.get(page).headers["ETag"]}
        assert caller.post(f"{page}move/", {"state": state}, etag).body["state"] == state

    learning = caller.post("learnings/", {"incident": made.body["uid"], "when": "no trail logs",
        "then": "nobody knows", "guard": "log", "checks": [CHECK],
        "practices": ["OPS08-BP02"]})  # fmt: skip
    assert (learning.status, learning.body["checks"]) == (201, [CHECK])
    item = caller.post("action-items/", {"incident": made.body["uid"], "title": "Log",
        "learning": learning.body["uid"], "owner": "administrator", "check_id": CHECK,
        "accounts": [world.shop.account_id]})  # fmt: skip
    assert item.body["due_at"] == "2026-03-18T09:00:00Z"
    at = f"action-items/{item.body['uid']}/"
    assert caller.post(f"{at}ticket/", {"route": learning.body["uid"]}).status == 400
    followed = caller.post(f"{at}ticket/").body["ticket"]
    assert caller.post(f"{at}ticket/").status == 409
    claimed = caller.post(f"{at}claim/").body
    assert claimed["state"] == "claimed"
    assert caller.post(f"{at}claim/").status == 409
    scan = Scan.objects.get(uid=claimed["claim_scan"])
    assert (scan.trigger, scan.kind) == ("claim", "targeted")
    assert scan.selection == {"accounts": [world.shop.account_id], "rows": ["O2"]}

    def follow(is_logging):
        world.lab.now = max(world.lab.now, NOW)
        world.lab.wait(hours=1).scan(facts={"cloudtrail.trail": (trail(is_logging=is_logging),)})
        guards_follow(organization=world.ours, registry=world.lab.registry, now=world.lab.now)
        state = caller.get(f"learnings/{learning.body['uid']}/").body["state"]
        return caller.get(at).body["state"], state

    assert follow(True) == ("verified", "guarded")
    assert Ticket.objects.get(uid=followed).closed_at
    assert follow(False) == ("open", "regressed")
    assert Ticket.objects.get(uid=followed).is_live
    assert len(caller.get("action-items/", overdue="true").results) == 0
    with_state = caller.get("learnings/", state="regressed", factor="monitoring", search="logs")
    assert len(with_state.results) == 1
    assert caller.get("learnings/", practice="OPS01-BP01").results == []
    assert len(caller.get("action-items/", mine="true").results) == 1


def test_a_change_names_the_version_it_was_made_from(api, body):
    caller = api("contributor")
    made = caller.post("incidents/", body)
    where, etag = f"incidents/{made.body['uid']}/", {"If-Match": made.headers["ETag"]}
    assert caller.send("PATCH", where, {"severity": "low"}).status == 428
    of_theirs = {"accounts": ["999999999999"]}
    assert caller.send("PATCH", where, of_theirs, etag).status == 400
    assert caller.send("PATCH", where, {"severity": "low"}, etag).body["severity"] == "low"
    assert caller.send("PATCH", where, {"severity": "high"}, etag).status == 412


def test_an_analysis_that_somebody_changed_is_not_overwritten(api, world):
    caller, incident = api("contributor"), IncidentFactory(organization=world.ours)
    made = caller.post("analyses/", {"incident": str(incident.uid), "template": "light"})
    where, etag = f"analyses/{made.body['uid']}/", {"If-Match": made.headers["ETag"]}
    assert (
        caller.post("analyses/", {"incident": str(incident.uid), "template": "light"}).status == 409
    )
    one = caller.send("PATCH", where, {"sections": {"luck": "a"}}, etag)
    assert (one.status, one.body["version"]) == (200, 2)
    assert caller.send("PATCH", where, {"sections": {"luck": "b"}}, etag).status == 412
    kept = caller.get(f"{where}versions/").results
    assert [row["number"] for row in kept] == [2, 1]
    etag = {"If-Match": one.headers["ETag"]}
    assert caller.send("PATCH", where, {"whys": "x"}, etag).status == 400
    assert caller.send("PATCH", where, {"sections": {"other": "x"}}, etag).status == 400
    assert caller.post(f"{where}move/", {"state": "published"}, etag).status == 409


MISTAKES = [
    ({"title": ""}, "title"),
    ({"title": "a\0"}, "title"),
    ({"title": "a" * 201}, "title"),
    ({"summary": ["x"]}, "summary"),
    ({"severity": "awful"}, "severity"),
    ({"accounts": ["999999999999"]}, "accounts"),
    ({"accounts": "x"}, "accounts"),
    ({"services": [{}]}, "services.0"),
    ({"checks": ["none"]}, "checks"),
    ({"started_at": None}, "started_at"),
    ({"started_at": "2026-03-05T09:00:00Z"}, "started_at"),
    ({"detected_at": "2026-03-01T09:00:00Z"}, ""),
    ({"users_affected": -1}, "users_affected"),
    ({"users_affected": 10**30}, "users_affected"),
    ({"external_url": "javascript:alert(1)"}, "external_url"),
    ({"number": 1}, "number"),
]


def test_mistakes_are_told_by_field(api, body):
    caller = api("contributor")

    def record(changes):
        return caller.post("incidents/", body | changes)

    assert badly_refused(record, MISTAKES, Incident) == {}


def test_parts_of_other_incidents_and_of_others_are_not_there(api, world):
    ours, theirs = (
        IncidentFactory(organization=world.ours),
        IncidentFactory(organization=world.theirs),
    )
    foreign = LearningFactory(incident=theirs)
    caller = api("administrator")
    for path, given in (
        (f"incidents/{ours.uid}/star/", {"entry": str(foreign.uid), "is_starred": True}),
        (f"incidents/{ours.uid}/remove/", {"part": str(foreign.uid)}),
        (f"incidents/{ours.uid}/confirm/",
         {"entry": str(foreign.uid), "foresight": "nothing_seen"}),
        ("analyses/", {"incident": str(theirs.uid), "template": "light"}),
        ("learnings/", {"incident": str(theirs.uid), "when": "a", "then": "b", "guard": "c"}),
        ("action-items/", {"incident": str(ours.uid), "learning": str(foreign.uid), "title": "x",
                           "owner": "administrator", "check_id": CHECK,
                           "accounts": [world.shop.account_id]}),
    ):  # fmt: skip
        assert caller.post(path, given).status == 400
    assert not ActionItem.objects.exists()


def test_what_a_program_adds_to_the_timeline_is_told_as_such(world):
    incident = IncidentFactory(organization=world.ours)
    entry = {"at": "2026-03-03T09:00:00Z", "text": "rang"}
    where = f"incidents/{incident.uid}/timeline/"
    person = world.person("contributor")
    assert with_token(person, scopes=("read",)).post(where, entry).status == 403
    assert with_token(person, scopes=("incidents:write",)).post(where, entry).status == 201
    assert TimelineEntry.objects.get().source == "api"


def test_roles_are_given_all_at_once_to_people_who_see_the_incident(api, world, body):
    caller = api("contributor")
    for name in ("viewer", "viewer of Prod", "stranger"):
        world.person(name)
    roles = [{"role": "commander", "person": "viewer of Prod"}]
    made = caller.post("incidents/", {**body, "roles": roles})
    assert (made.status, made.body["roles"]) == (201, roles)
    where = f"incidents/{made.body['uid']}/"

    def change(**fields):
        etag = {"If-Match": caller.get(where).headers["ETag"]}
        return caller.send("PATCH", where, fields, etag)

    both = [*roles, {"role": "scribe", "person": "viewer"}]
    assert change(roles=both).body["roles"] == both
    assert change(title="Late").body["roles"] == both
    for wrong in (
        [{"role": "scribe", "person": "stranger"}],
        [{"role": "scribe", "person": "none\0"}],
        [{"role": "boss", "person": "viewer"}],
        [{"role": "commander", "person": one} for one in ("viewer", "contributor")],
        [{"role": "scribe"}],
        ["viewer"],
        both * 26,
        {},
    ):
        assert change(roles=wrong).status == 400, wrong
    assert change(roles=[]).body["roles"] == []
    audit = AuditEntry.objects.filter(action="incident.change").order_by("id").last()
    assert audit.before == {"roles": ["commander: viewer of Prod", "scribe: viewer"]}


def test_an_action_item_is_handed_over_and_its_guard_stays(api, world):
    incident = IncidentFactory(organization=world.ours, accounts=[world.shop])
    item = ActionItemFactory(incident=incident, accounts=[world.shop], due_at=NOW)
    caller, where = api("contributor"), f"action-items/{item.uid}/"
    given = {"owner": "administrator", "due_at": "2026-06-01T00:00:00Z"}
    changed = caller.send("PATCH", where, given).body
    assert changed.items() >= {**given, "owner_team": None, "title": item.title}.items()
    for wrong in (
        {"state": "verified"},
        {"check_id": CHECK},
        {"accounts": []},
        {"owner": "stranger"},
        {"owner": None},
        {"owner": "administrator", "owner_team": item.owner_team.name},
        {"title": ""},
    ):
        assert caller.send("PATCH", where, wrong).status == 400, wrong
    item.refresh_from_db()
    assert (item.state, item.owner.username) == ("open", "administrator")
