"""The accounts of the demo organization of which not everything can be known."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from accounts.models import Account
from findings.checks.base import Result
from findings.facts.base import GapReason
from findings.models import Scan, ScanAccount, Shard
from findings.services.reassessments import results_of
from simulator.answers import NotCollected, Reason, not_collected
from tests.flow.harness import Demo, excused, for_a_module, running_demo, statuses_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ACCESS = {Reason.ROLE_MISSING: "role_missing", Reason.EXTERNAL_ID: "external_id_wrong"}


@dataclass
class Scanned:
    """A scan of tracing, of which the world denies a part in one account."""

    demo: Demo
    scan: Scan

    @cached_property
    def results(self) -> list[Result]:
        return list(results_of(self.scan))

    @cached_property
    def not_collected(self) -> list[NotCollected]:
        return not_collected(self.demo.world)


@pytest.fixture(scope="module")
def scanned(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scanned]:
    with for_a_module(django_db_blocker), running_demo(regions=1) as demo:
        yield Scanned(demo, demo.scan(rows=["O4"]))


def test_what_cannot_be_known_is_unknown_or_does_not_apply(scanned):
    said = statuses_of(scanned.results)
    unknowable = excused(scanned.demo.world, scanned.results)
    found = Counter(said[subject] for subject in unknowable)
    assert found["unknown"] > 0
    assert set(found) <= {"unknown", "not_applicable"}


def test_accounts_that_cannot_be_entered_say_why(scanned):
    expected = {
        entry.account: ACCESS[entry.reason]
        for entry in scanned.not_collected
        if entry.reason in ACCESS
    }
    assert set(expected.values()) == set(ACCESS.values())
    members = ScanAccount.objects.filter(scan=scanned.scan).exclude(access="")
    assert dict(members.values_list("account__account_id", "access")) == expected
    failed = scanned.scan.shards.filter(state=Shard.State.FAILED)
    assert set(failed.values_list("account__account_id", flat=True)) == expected.keys()
    assert all("role" in shard.error for shard in failed)


def test_suspended_accounts_are_not_entered(scanned):
    suspended = {e.account for e in scanned.not_collected if e.reason is Reason.SUSPENDED}
    assert suspended
    of_them = Account.objects.filter(account_id__in=suspended)
    assert set(of_them.values_list("state", flat=True)) == {"SUSPENDED"}
    assert not scanned.scan.scan_accounts.filter(account__in=of_them).exists()


def test_a_denied_operation_is_a_gap_with_its_name_and_reason(scanned):
    entry = next(entry for entry in scanned.not_collected if entry.operation)
    gaps = {
        (gap.operation, gap.reason)
        for result in scanned.results
        if result.account == entry.account
        for gap in result.gaps
        if gap.reason is GapReason.ACCESS_DENIED
    }
    assert gaps == {(entry.operation, GapReason.ACCESS_DENIED)}
