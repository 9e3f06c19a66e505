import pytest

from findings.facts.base import Gap, GapReason
from findings.models import Scan, Shard
from tests.factories.findings import ScanFactory
from tests.findings.checks.builders_cloudtrail import trail
from tests.portal.api.conftest import badly_refused

DENIED = Gap(
    kind="cloudtrail.trail",
    reason=GapReason.DENIED_BY_POLICY,
    operation="cloudtrail:DescribeTrails",
    code="AccessDeniedException",
)


@pytest.fixture
def asked(world):
    def of(**selection):
        body = {"organization": str(world.ours.uid)}
        return {**body, "selection": selection} if selection else body

    return of


def test_a_scan_of_everything_is_asked_for(api, asked, world):
    answer = api("contributor").post("scans/", asked())
    assert (answer.status, answer.body["state"], answer.body["kind"]) == (202, "queued", "full")
    scan = Scan.objects.first()
    assert (str(scan.uid), scan.trigger) == (answer.body["uid"], "api")
    assert scan.requested_by == world.person("contributor")
    assert answer.body["requested_by"] == "contributor"


def test_a_scan_of_a_part_is_asked_for(api, asked, world):
    selection = {
        "ous": ["Prod"],
        "accounts": [world.shop.account_id],
        "regions": ["eu-west-1"],
        "rows": ["O2"],
    }
    answer = api("contributor of Prod").post("scans/", asked(**selection))
    assert (answer.status, answer.body["kind"]) == (202, "targeted")
    assert answer.body["selection"] == selection


NO_SELECTIONS = [
    ({"accounts": ["123"]}, "'123' is not an AWS account id: 12 digits"),
    ({"accounts": "123456789012"}, "accounts takes a list of texts"),
    ({"accounts": [123456789012]}, "accounts takes a list of texts"),
    ({"regions": ["europe"]}, "such as eu-west-1"),
    ({"regions": ["ap-south-1"]}, "its regions are eu-west-1"),
    ({"rows": ["Q9"]}, "is not a row of the catalogue"),
    ({"ous": ["Nowhere"]}, "'Nowhere' is not an OU of Ours; there are: Dev, Prod"),
    ({"ous": ["\0"]}, "is not an OU"),
    ({"account": ["123456789012"]}, "A selection has ous, accounts, regions, rows"),
]


def test_a_selection_that_cannot_be_is_refused_with_what_can(api, asked):
    caller = api("contributor")

    def start(selection):
        return caller.post("scans/", asked(**selection))

    cases = [(selection, "selection", told) for selection, told in NO_SELECTIONS]
    assert badly_refused(start, cases, Scan) == {}


def test_a_refusal_names_nothing_that_the_caller_may_not_see(api, asked, world):
    caller = api("contributor of Prod")
    for selection in ({"ous": ["Nowhere"]}, {"ous": ["Dev"]}):
        told = caller.post("scans/", asked(**selection)).errors["selection"]
        assert told.endswith("there are: Prod.")
    hidden = caller.post("scans/", asked(accounts=[world.sandbox.account_id]))
    unknown = caller.post("scans/", asked(accounts=["999999999999"]))
    assert hidden.errors["selection"] == unknown.errors["selection"].replace(
        "999999999999", world.sandbox.account_id
    )


WRONG = [
    ({}, "organization"),
    ({"organization": "ours"}, "organization"),
    ({"organization": None}, "organization"),
    ({"organization": 7, "selection": []}, "selection"),
    ({"organization": "x", "force": True}, "force"),
    ([], ""),
]


def test_what_is_wrong_with_a_request_is_named(api):
    caller = api("contributor")

    def start(body):
        return caller.post("scans/", body)

    assert badly_refused(start, WRONG, Scan) == {}


def test_an_organization_that_is_not_seen_is_not_found(api, world):
    answer = api("stranger").post("scans/", {"organization": str(world.ours.uid)})
    assert (answer.status, answer.type) == (404, "application/problem+json")
    assert "or you may not see it" in answer.body["detail"]


def test_a_second_full_scan_is_a_conflict_that_says_what_to_do(api, asked):
    caller = api("contributor")
    caller.post("scans/", asked())
    answer = caller.post("scans/", asked())
    assert (answer.status, answer.body["title"]) == (409, "Conflict")
    assert "Wait for its end, cancel it, or select" in answer.body["detail"]


def test_numbers_are_of_the_accounts_that_the_caller_sees(api, world):
    Shard.objects.filter(account=world.shop).update(api_calls=3, facts=1)
    Scan.objects.filter(pk=world.scan.pk).update(api_calls=10, facts=5, gaps={"throttled": 1})
    path = f"scans/{world.scan.uid}/"
    whole = api("viewer").get(path).body
    assert (whole["shards"], whole["api_calls"], whole["facts"]) == ({"collected": 2}, 10, 5)
    assert whole["gaps"] == {"throttled": 1}
    part = api("viewer of Prod").get(path).body
    assert (part["shards"], part["api_calls"], part["facts"]) == ({"collected": 1}, 3, 1)
    assert part["gaps"] is None
    assert api("viewer of Prod").get("scans/").results[0] == part


def test_the_progress_of_a_scan_under_way_is_counted(api, world):
    scan = world.lab.start()
    Shard.objects.filter(scan=scan, account=world.shop).update(state="collected")
    told = api("viewer").get(f"scans/{scan.uid}/").body
    assert (told["state"], told["gaps"]) == ("running", None)
    assert told["shards"] == {"collected": 1, "pending": 1}


def test_a_selection_is_told_without_places_that_the_caller_may_not_see(api, world):
    selection = {"accounts": [world.shop.account_id, world.sandbox.account_id], "rows": ["O2"]}
    scan = world.lab.scan(facts={}, selection=selection)
    path = f"scans/{scan.uid}/"
    assert api("viewer").get(path).body["selection"] == selection
    assert api("viewer of Prod").get(path).body["selection"] == {"rows": ["O2"]}
    Scan.objects.filter(pk=scan.pk).update(requested_by=world.person("viewer of Prod"))
    assert api("viewer of Prod").get(path).body["selection"] == selection


def test_filters(api, world):
    failed = ScanFactory(organization=world.ours, state="failed", trigger="schedule")
    world.lab.start(regions=["eu-west-1"])
    caller = api("viewer")
    found = {
        key: [scan["uid"] for scan in caller.get("scans/", **dict([key])).results]
        for key in (("state", "failed"), ("trigger", "schedule"), ("kind", "targeted"))
    }
    assert found["state", "failed"] == found["trigger", "schedule"] == [str(failed.uid)]
    assert len(found["kind", "targeted"]) == 1
    assert caller.get("scans/", organization=world.theirs.uid).results == []
    assert "not one of the available" in caller.get("scans/", state="done").errors["state"]


def test_shards_are_told_by_account_and_region(api, world):
    shards = api("viewer of Prod").get(f"scans/{world.scan.uid}/shards/").results
    assert [(shard["account_id"], shard["region"], shard["state"]) for shard in shards] == [
        (world.shop.account_id, "eu-west-1", "collected")
    ]


def test_gaps_name_the_denied_action_and_what_to_do(api, world):
    scan = world.lab.scan(facts={"cloudtrail.trail": DENIED})
    (gap,) = api("viewer").get(f"scans/{scan.uid}/gaps/").body
    assert (gap["reason"], gap["iam_action"]) == ("denied_by_policy", "cloudtrail:DescribeTrails")
    assert "A policy of the organization denies cloudtrail:DescribeTrails" in gap["advice"]
    assert (gap["accounts"], gap["shards"], gap["kinds"]) == (2, 2, ["cloudtrail.trail"])
    (mine,) = api("viewer of Prod").get(f"scans/{scan.uid}/gaps/").body
    assert (mine["accounts"], mine["shards"]) == (1, 1)


def test_the_difference_counts_findings_by_change_and_severity(api, world):
    scan = world.lab.wait(days=1).scan(facts={"cloudtrail.trail": (trail(),)})
    (change,) = api("viewer").get(f"scans/{scan.uid}/difference/").body
    assert (change["change"], change["total"]) == ("resolved", 2)
    assert change["by_severity"]["critical"] == 2
    assert api("viewer of Prod").get(f"scans/{scan.uid}/difference/").body[0]["total"] == 1


def test_a_scan_is_cancelled_once(api, world):
    path = f"scans/{world.lab.start().uid}/cancel/"
    caller = api("contributor")
    assert caller.post(path).body["state"] == "cancelled"
    again = caller.post(path)
    assert (again.status, again.body["detail"]) == (409, "The scan has ended already.")


def test_what_failed_is_scanned_again(api, world):
    scan = world.lab.scan(facts={"cloudtrail.trail": DENIED})
    answer = api("contributor").post(f"scans/{scan.uid}/retry/")
    assert (answer.status, answer.body["trigger"]) == (202, "retry")
    assert Scan.objects.first().retry_of == scan


def test_nothing_to_retry_is_a_conflict(api, world):
    answer = api("contributor").post(f"scans/{world.scan.uid}/retry/")
    assert (answer.status, answer.type) == (409, "application/problem+json")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_scans_are_history(api, world, method):
    assert api("administrator").send(method, f"scans/{world.scan.uid}/").status == 405
