import json

import pytest

from findings.models import EvidenceBlob, Scan
from portal.api import findings
from tests.factories.findings import NOW, FindingFactory
from tests.modules import differing
from tests.portal.api.conftest import badly_refused
from tests.portal.world import CHECK


@pytest.fixture
def tail(world):
    return FindingFactory(
        account=world.shop,
        resource="tail",
        row="O4",
        check_id="lambda_tracing_active",
        region="us-east-1",
        severity="low",
        severity_rank=3,
        unverified_since=NOW,
    )


def resources(answer):
    return sorted(finding["resource"] for finding in answer.results)


def test_a_finding_is_told_with_its_parts(api, world):
    finding = world.finding()
    told = api("viewer").get(f"findings/{finding.uid}/").body
    assert (told["check_id"], told["account_id"]) == (CHECK, world.shop.account_id)
    assert (told["severity"], told["is_open"]) == ("critical", True)
    assert {"name": "logging", "status": "fail"}.items() <= told["parts"][-1].items()


FILTERS = [
    ({"check_id": "lambda_tracing_active"}, ["tail"]),
    ({"row": "O4"}, ["tail"]),
    ({"severity": "low"}, ["tail"]),
    ({"region": "us-east-1"}, ["tail"]),
    ({"region": "aws-global"}, ["", ""]),
    ({"is_open": "false"}, []),
    ({"unverified": "true"}, ["tail"]),
    ({"unverified": "false"}, ["", ""]),
    ({"ou": "Prod"}, ["", "tail"]),
    ({"changed_at__gte": "2999-01-01T00:00:00Z"}, []),
]


def test_filters(api, tail):
    caller = api("viewer")
    found = {str(query): resources(caller.get("findings/", **query)) for query, _ in FILTERS}
    assert differing(found, {str(query): told for query, told in FILTERS}) == {}


def test_the_findings_of_one_account(api, world, tail):
    answer = api("viewer").get("findings/", account_id=world.sandbox.account_id)
    assert [f["account_id"] for f in answer.results] == [world.sandbox.account_id]


NO_FILTERS = [
    ({"account_id": "shop"}, "account_id", "exactly 12 digits"),
    ({"region": "europe"}, "region", "such as eu-west-1"),
    ({"severity": "grave"}, "severity", "not one of the available choices"),
    ({"row": "X1"}, "row", "not one of the available choices"),
    ({"changed_at__gte": "yesterday"}, "changed_at__gte", "Enter a valid date/time"),
    (
        {"changed_at__gte": "0001-01-01T00:00+14:00"},
        "changed_at__gte",
        "Enter a valid date/time",
    ),
    ({"check": CHECK}, "check", "There is no such filter"),
]


def test_a_filter_that_makes_no_sense_is_named(api):
    caller = api("viewer")

    def ask(query):
        return caller.get("findings/", **query)

    assert badly_refused(ask, NO_FILTERS) == {}


def test_evidence_holds_facts_and_where_they_are_from(api, world):
    (evidence,) = api("viewer").get(f"findings/{world.finding().uid}/evidence/").body
    assert evidence["kind"] == "cloudtrail.trail"
    assert (evidence["account"], evidence["region"]) == (world.shop.account_id, "eu-west-1")
    assert json.loads(evidence["facts"][0])["is_logging"] is False
    assert (evidence["listed"], evidence["omitted"], evidence["gap"]) == (1, 0, None)


def test_evidence_that_is_gone_is_not_an_empty_listing(api, world):
    EvidenceBlob.objects.all().delete()
    (evidence,) = api("viewer").get(f"findings/{world.finding().uid}/evidence/").body
    assert (evidence["listed"], evidence["facts"]) == (None, [])


def test_a_finding_of_a_check_that_is_gone_has_no_evidence(api, world):
    finding = FindingFactory(account=world.shop, check_id="check_of_old")
    assert api("viewer").get(f"findings/{finding.uid}/evidence/").body == []


def test_a_recheck_answers_with_its_scan(api, world):
    answer = api("contributor of Prod").post(f"findings/{world.finding().uid}/recheck/")
    scan = Scan.objects.first()
    assert (answer.status, answer.body["uid"]) == (202, str(scan.uid))
    assert (scan.trigger, scan.selection["accounts"]) == ("api", [world.shop.account_id])
    assert answer.body["selection"] == scan.selection


def test_a_recheck_of_what_is_not_scanned_says_why(api, world):
    world.shop.excluded, world.shop.excluded_reason = True, "being closed"
    world.shop.save()
    answer = api("contributor").post(f"findings/{world.finding().uid}/recheck/")
    assert answer.status == 400
    assert "excluded (being closed)" in answer.errors["selection"]


@pytest.mark.parametrize("uid", ["x", "0", "44c2b925-ad8d-493e-b2f6-a5fe6e57708c"])
def test_an_unknown_finding_is_not_found(api, uid):
    for path in (f"findings/{uid}/", f"findings/{uid}/evidence/"):
        answer = api("viewer").get(path)
        assert (answer.status, answer.type) == (404, "application/problem+json")


def test_a_fix_is_claimed_with_a_note_that_its_history_keeps(api, world):
    finding, caller = world.finding(), api("contributor of Prod")
    answer = caller.post(f"findings/{finding.uid}/claim/", {"note": "logging is on"})
    assert (answer.status, answer.body["workflow"]) == (200, "fix_claimed")
    assert answer.body["claimed_at"] == answer.body["updated_at"]
    scan = Scan.objects.get(trigger="claim")
    assert answer.body["claim_scan"] == str(scan.uid)
    where = f"findings/{finding.uid}/claim/"
    assert caller.get(where).body == {
        "claimed_at": answer.body["claimed_at"],
        "scan": str(scan.uid),
        "scan_state": "queued",
        "cannot_be_verified": False,
        "obstacles": [],
        "hidden": 0,
    }
    assert answer.headers["ETag"] == caller.get(f"findings/{finding.uid}/").headers["ETag"]
    event = finding.events.last()
    assert (event.kind, event.note, event.actor.username) == (
        "workflow", "logging is on", "contributor of Prod",
    )  # fmt: skip
    other = world.finding(world.sandbox)
    assert api("contributor").get(f"findings/{other.uid}/claim/").status == 404


def test_a_move_that_nobody_can_make_is_refused(api, world):
    caller, path = api("contributor"), f"findings/{world.finding().uid}/move/"
    assert caller.post(path, {"to": "resolved"}).errors.keys() == {"to"}
    assert caller.post(path, {"to": "fix_claimed"}).status == 200
    answer = caller.post(path, {"to": "new"})
    assert (answer.status, answer.type) == (409, "application/problem+json")
    assert "can become in_progress" in answer.body["detail"]


def test_a_remark_is_kept_and_moves_the_finding_in_lists_of_changes(api, world):
    finding, caller = world.finding(), api("contributor")
    before = caller.get(f"findings/{finding.uid}/").body["updated_at"]
    answer = caller.post(f"findings/{finding.uid}/comment/", {"note": " asked the team "})
    assert answer.status == 201
    assert answer.body.items() >= {"note": "asked the team", "actor": "contributor"}.items()
    after = caller.get(f"findings/{finding.uid}/").body["updated_at"]
    assert after == answer.body["at"] > before
    changed = caller.get("findings/", updated_since=after)
    assert [row["uid"] for row in changed.results] == [str(finding.uid)]


@pytest.mark.parametrize("note", ["", "  ", None, 7 * ["x"], "x" * 10_001, "a\0b"])
def test_a_remark_says_something_that_can_be_kept(api, world, note):
    answer = api("contributor").post(f"findings/{world.finding().uid}/comment/", {"note": note})
    assert (answer.status, list(answer.errors)) == (400, ["note"])


def test_many_are_moved_each_by_itself(api, world):
    closed = FindingFactory(account=world.account("other"))
    items = [
        {"finding": str(world.finding().uid), "to": "fix_claimed", "note": "done"},
        {"finding": str(world.finding(world.foreign).uid), "to": "triaged"},
        {"finding": str(world.finding(world.sandbox).uid), "to": "resolved"},
        {"finding": str(closed.uid), "to": "triaged"},
        "x",
        {"finding": str(world.finding(world.sandbox).uid), "to": "triaged"},
    ]
    answer = api("contributor").post("findings/bulk_move/", {"items": items})
    assert answer.status == 207
    results = answer.body["results"]
    assert [result["status"] for result in results] == [200, 404, 400, 409, 400, 200]
    assert [result["index"] for result in results] == list(range(6))
    assert results[0]["result"]["workflow"] == "fix_claimed"
    assert results[2]["problem"]["errors"][0]["field"] == "to"
    assert str(world.foreign.account_id) not in json.dumps(answer.body)


@pytest.mark.parametrize("body", [{}, [], {"items": []}, {"items": {}}, {"items": [{}] * 101},
                                  {"items": [{}], "more": 1}])  # fmt: skip
def test_a_bulk_request_is_a_list_of_items(api, body):
    answer = api("contributor").post("findings/bulk_move/", body)
    assert (answer.status, list(answer.errors)) == (400, ["items"])


def test_one_item_that_fails_in_cairn_itself_does_not_hide_the_others(api, world, monkeypatch):
    moved = findings.finding_move

    def fail(*, finding, **rest):
        if finding.account == world.shop:
            raise RuntimeError("the secret cause")
        return moved(finding=finding, **rest)

    monkeypatch.setattr(findings, "finding_move", fail)
    items = [
        {"finding": str(world.finding(account).uid), "to": "triaged"}
        for account in (world.shop, world.sandbox)
    ]
    answer = api("contributor").post("findings/bulk_move/", {"items": items})
    assert [result["status"] for result in answer.body["results"]] == [500, 200]
    assert "secret" not in json.dumps(answer.body)
