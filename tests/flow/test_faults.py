"""What goes wrong in the middle of a scan: it is said, and nothing is closed by ignorance."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, AccountEvent
from findings.facts.base import GapReason
from findings.models import Finding, FindingEvent, RegionState, Scan, Shard
from findings.services.reassessments import results_of
from tests.flow.harness import Demo, answers_of, excused, statuses_of, subject_of

pytestmark = pytest.mark.django_db

ACCOUNT = "100000000003"
REGION = "us-east-1"
SMALL = {"accounts": 6, "regions": 2}


def set_faults(demo: Demo, *specs: str) -> None:
    demo.world.faults.set(specs)


def open_subjects():
    return {subject_of(f) for f in Finding.objects.open().select_related("account")}


def said_of(demo: Demo, scan: Scan):
    """What a scan says of each thing, without what the world lets nobody know."""
    results = list(results_of(scan))
    unknowable = excused(demo.world, results)
    return {s: status for s, status in statuses_of(results).items() if s not in unknowable}


def expected(demo: Demo, said):
    answers = answers_of(demo.world, timezone.now())
    return {s: status for s, status in answers.items() if s in said or said.get(s)}


def wrong_answers(demo: Demo, scan: Scan):
    """Known results that are not those of the key."""
    answers = answers_of(demo.world, timezone.now())
    known = {s: v for s, v in said_of(demo, scan).items() if v != "unknown"}
    return {s: (answers.get(s), v) for s, v in known.items() if answers.get(s) != v}


def gaps_of(scan: Scan):
    return {
        (result.account, result.region, gap.operation.partition(":")[0], gap.reason)
        for result in results_of(scan)
        for gap in result.gaps
    }


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        (f"access_denied@{ACCOUNT}/{REGION}", {GapReason.ACCESS_DENIED}),
        ("access_denied:cloudwatch", {GapReason.ACCESS_DENIED}),
        ("throttle:cloudformation:DescribeStacks", {GapReason.THROTTLED}),
        (f"error500@{ACCOUNT}", set(GapReason)),
        ("truncated:codepipeline", set(GapReason)),
        (f"expired_token@{ACCOUNT}/{REGION}", {GapReason.CREDENTIALS}),
    ],
)
def test_what_is_refused_is_unknown_with_its_reason_and_the_rest_is_as_ever(demo, fault, reasons):
    demo = demo(**SMALL)
    demo.scan()
    before = open_subjects()
    set_faults(demo, fault)
    scan = demo.scan()
    assert scan.state == Scan.State.PARTIAL
    assert set(scan.gaps) & set(reasons)
    assert wrong_answers(demo, scan) == {}
    assert not FindingEvent.objects.filter(scan=scan).exists()
    assert open_subjects() == before
    assert Finding.objects.unverified().exists()
    set_faults(demo)
    again = demo.scan()
    assert not FindingEvent.objects.filter(scan=again).exists()
    assert not Finding.objects.unverified().exclude(**unknowable(demo)).exists()


def unknowable(demo: Demo):
    closed = [a.id for a in demo.world.accounts if not demo.world.is_reachable(a)]
    return {"account__account_id__in": closed}


def test_a_scan_under_throttling_of_thirty_percent_is_complete(demo):
    demo = demo(**SMALL, faults=["throttle%30"])
    scan = demo.scan()
    answers = answers_of(demo.world, timezone.now())
    said = said_of(demo, scan)
    assert {s: v for s, v in said.items() if answers.get(s) != v} == {}
    assert {s for s in answers if s not in said} <= excused(demo.world, results_of(scan))
    assert "throttled" not in scan.gaps


def test_a_role_that_disappears_closes_nothing_and_says_what_to_do(demo):
    demo = demo(**SMALL)
    demo.scan()
    before = open_subjects()
    set_faults(demo, f"role_missing@{ACCOUNT}")
    demo.hub._sources.clear()
    scan = demo.scan()
    member = scan.scan_accounts.get(account__account_id=ACCOUNT)
    assert member.access == "role_missing"
    assert "deploy the member role" in member.error
    account = Account.objects.get(account_id=ACCOUNT)
    assert account.role_health == "role_missing"
    assert AccountEvent.objects.filter(account=account, kind="role_health_changed").exists()
    shards = scan.shards.filter(account=account)
    assert set(shards.values_list("state", flat=True)) == {Shard.State.FAILED}
    assert open_subjects() == before
    assert {"region", "account"} <= {f.name for f in Finding._meta.fields}


def test_a_region_that_a_policy_begins_to_deny_leaves_the_scope_and_comes_back(demo):
    demo = demo(**SMALL)
    demo.scan()
    before = open_subjects()
    in_region = {s for s in before if (s.account, s.region) == (ACCOUNT, REGION)}
    assert in_region
    set_faults(demo, f"scp_denied@{ACCOUNT}/{REGION}")
    scan = demo.scan()
    state = RegionState.objects.get(account__account_id=ACCOUNT, region=REGION)
    assert state.state == "denied_by_policy"
    assert not open_subjects() & in_region
    closed = FindingEvent.objects.filter(scan=scan, kind="closed", finding__region=REGION)
    assert set(closed.values_list("cause", flat=True)) == {"out_of_scope"}
    set_faults(demo)
    again = demo.scan()
    assert open_subjects() == before
    returned = FindingEvent.objects.filter(scan=again, finding__region=REGION)
    assert set(returned.values_list("kind", flat=True)) == {"returned"}


def test_a_listing_of_the_organization_that_breaks_off_moves_and_closes_nothing(demo):
    demo = demo(**SMALL)
    demo.scan()
    before = open_subjects(), list(Account.objects.values_list("account_id", "state", "ou"))
    set_faults(demo, "listing_breaks:organizations")
    demo.sync()
    after = open_subjects(), list(Account.objects.values_list("account_id", "state", "ou"))
    assert after == before
    assert demo.organization.last_sync_error


def test_slow_answers_do_not_lose_a_lease(demo):
    demo = demo(accounts=2, regions=1, faults=[f"slow=200:cloudtrail@{ACCOUNT}"])
    scan = demo.scan()
    assert set(scan.shards.values_list("attempts", flat=True)) == {1}
    assert timezone.now() - scan.started_at < timedelta(minutes=1)


def test_targeted_scans_of_every_row_say_what_a_full_scan_says(demo):
    demo = demo(accounts=4, regions=1)
    demo.scan()
    whole = open_subjects()
    before = FindingEvent.objects.count()
    for row in ("P1", "O2", "O3", "E1"):
        assert demo.scan(rows=[row]).kind == Scan.Kind.TARGETED
    assert open_subjects() == whole
    assert FindingEvent.objects.count() == before
