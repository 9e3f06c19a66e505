"""What goes wrong in the middle of a scan: it is said, and nothing is closed by ignorance."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Account, AccountEvent
from findings.facts.base import GapReason
from findings.models import Finding, FindingEvent, RegionState, Scan, Shard
from findings.services.reassessments import results_of
from tests.flow.harness import (
    Demo,
    answers_of,
    for_a_module,
    open_subjects,
    running_demo,
    said_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MANAGEMENT, OTHER_ACCOUNT, ACCOUNT = "100000000001", "100000000002", "100000000003"
REGION = "us-east-1"
Place = tuple[str, str]
Gaps = set[tuple[str, str, str, GapReason]]
"""Accounts, regions and services of gaps, with their reasons."""


@pytest.fixture(scope="module")
def scanned_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Demo]:
    with for_a_module(django_db_blocker), running_demo(accounts=3, regions=2) as demo:
        demo.scan()
        yield demo


@pytest.fixture
def scanned(scanned_once: Demo) -> Iterator[Demo]:
    """A small organization after a scan; what a test does to it is undone."""
    yield scanned_once
    set_faults(scanned_once)
    scanned_once.hub._sources.clear()


def set_faults(demo: Demo, *specs: str) -> None:
    demo.world.faults.set(specs)


def wrong_answers(demo: Demo, scan: Scan):
    """Known results that are not those of the key."""
    answers = answers_of(demo.world, timezone.now())
    known = {s: v for s, v in said_of(demo, scan).items() if v != "unknown"}
    return {s: (answers.get(s), v) for s, v in known.items() if answers.get(s) != v}


def gaps_of(scan: Scan) -> Gaps:
    return {
        (result.account, result.region, gap.operation.partition(":")[0], gap.reason)
        for result in results_of(scan)
        for gap in result.gaps
    }


def match(found: Gaps, place: Place, service: str, reasons: set[GapReason]) -> Gaps:
    """The gaps of a place and service, "" for any, that have one of the reasons."""
    wanted = (*place, service)
    return {
        gap
        for gap in found
        if gap[3] in reasons and all(w in ("", g) for w, g in zip(wanted, gap, strict=False))
    }


FAULTS = {
    f"access_denied@{ACCOUNT}/{REGION}": ((ACCOUNT, REGION), "", {GapReason.ACCESS_DENIED}),
    f"expired_token@{ACCOUNT}/eu-west-1": ((ACCOUNT, "eu-west-1"), "", {GapReason.CREDENTIALS}),
    f"error500@{OTHER_ACCOUNT}": ((OTHER_ACCOUNT, ""), "", set(GapReason)),
    "access_denied:cloudwatch": ((MANAGEMENT, ""), "cloudwatch", {GapReason.ACCESS_DENIED}),
    "throttle:cloudformation:DescribeStacks": (
        (MANAGEMENT, ""),
        "cloudformation",
        {GapReason.THROTTLED},
    ),
    "truncated:codepipeline": ((MANAGEMENT, ""), "codepipeline", set(GapReason)),
}
"""Each with a place where no other of its kind is."""


def test_what_is_refused_is_unknown_with_its_reason_and_the_rest_is_as_ever(scanned):
    """All in one scan; then in one where all is well again."""
    demo = scanned
    before = open_subjects()
    set_faults(demo, *FAULTS)
    scan = demo.scan()
    assert scan.state == Scan.State.PARTIAL
    found = gaps_of(scan)
    assert [fault for fault, expected in FAULTS.items() if not match(found, *expected)] == []
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


def test_a_role_that_disappears_closes_nothing_and_says_what_to_do(scanned):
    demo = scanned
    before = open_subjects()
    set_faults(demo, f"role_missing@{ACCOUNT}")
    demo.hub._sources.clear()
    scan = demo.scan(accounts=[ACCOUNT])
    member = scan.scan_accounts.get(account__account_id=ACCOUNT)
    assert member.access == "role_missing"
    assert "deploy the member role" in member.error
    account = Account.objects.get(account_id=ACCOUNT)
    assert account.role_health == "role_missing"
    assert AccountEvent.objects.filter(account=account, kind="role_health_changed").exists()
    shards = scan.shards.filter(account=account)
    assert set(shards.values_list("state", flat=True)) == {Shard.State.FAILED}
    assert open_subjects() == before


def test_a_region_that_a_policy_begins_to_deny_leaves_the_scope_and_comes_back(scanned):
    demo = scanned
    before = open_subjects()
    in_region = {s for s in before if (s.account, s.region) == (ACCOUNT, REGION)}
    assert in_region
    set_faults(demo, f"scp_denied@{ACCOUNT}/{REGION}")
    scan = demo.scan(accounts=[ACCOUNT])
    state = RegionState.objects.get(account__account_id=ACCOUNT, region=REGION)
    assert state.state == "denied_by_policy"
    assert not open_subjects() & in_region
    closed = FindingEvent.objects.filter(scan=scan, kind="closed", finding__region=REGION)
    assert set(closed.values_list("cause", flat=True)) == {"out_of_scope"}
    set_faults(demo)
    again = demo.scan(accounts=[ACCOUNT])
    assert open_subjects() == before
    returned = FindingEvent.objects.filter(scan=again, finding__region=REGION)
    assert set(returned.values_list("kind", flat=True)) == {"returned"}


def test_targeted_scans_of_rows_say_what_a_full_scan_says(scanned):
    demo = scanned
    whole = open_subjects()
    before = FindingEvent.objects.count()
    collected = Scan.objects.latest("finished_at").finished_at
    demo.world.set_clock(collected)
    with time_machine.travel(collected, tick=False):  # what is not collected again grows older
        for row in ("O2", "E1"):
            assert demo.scan(rows=[row]).kind == Scan.Kind.TARGETED
    demo.world.set_clock(timezone.now())
    assert open_subjects() == whole
    assert FindingEvent.objects.count() == before
