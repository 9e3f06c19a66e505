"""Which jobs of AWS are asked for, and when."""

import datetime as dt

import pytest

from accounts.services.accounts import account_exclude
from findings.checks.base import built_in
from findings.facts.base import Gap, GapReason
from findings.models import AwsJob, RegionState
from findings.services.aws_job_planning import PER_ACCOUNT, jobs_plan
from tests.factories.accounts import OrganizationFactory
from tests.factories.findings import AwsJobFactory, AwsJobSettingsFactory
from tests.findings.checks.builders_cloudformation import stack, stack_id
from tests.findings.checks.builders_cloudformation_scans import no_scan, scan
from tests.findings.services.lab import NOW, REGION, Lab

pytestmark = pytest.mark.django_db

CHECKS = ("cloudformation_stack_drift_checked_recently", "cloudformation_resource_scan_recent")
DAY = dt.timedelta(days=1)


@pytest.fixture
def lab():
    return Lab(registry={name: built_in()[name] for name in CHECKS})


def on(lab, **fields):
    """Drift detection is switched on, unless told otherwise."""
    return AwsJobSettingsFactory(
        organization=lab.organization, **{"scans_resources": False} | fields
    )


def found(lab, *stacks, scans=()):
    lab.scan(facts={"cloudformation.stack": stacks, "cloudformation.resource_scan": tuple(scans)})


def planned(lab, **time):
    lab.wait(**time)
    jobs = AwsJob.objects.filter(pk__in=jobs_plan(now=lab.now))
    return [(job.kind, job.region, job.subject_name) for job in jobs.order_by("id")]


def end_all(lab, state="finished"):
    AwsJob.objects.live().update(state=state, finished_at=lab.now, token=None, lease_until=None)


def drift(*names):
    return [("stack_drift", REGION, name) for name in names]


def test_nothing_is_asked_for_until_somebody_switches_it_on(lab):
    found(lab, stack())
    assert planned(lab) == []
    settings = on(lab, detects_drift=False)
    assert planned(lab) == []
    settings.detects_drift = True
    settings.save()
    assert planned(lab) == drift("shop")


def test_other_organizations_are_left_alone(lab):
    found(lab, stack())
    AwsJobSettingsFactory(organization=OrganizationFactory())
    assert planned(lab) == []


def test_a_stack_is_asked_for_once_in_an_interval_to_the_second(lab):
    on(lab, drift_interval_days=3)
    found(lab, stack())
    assert planned(lab) == drift("shop")
    assert planned(lab, days=3) == []
    end_all(lab)
    AwsJob.objects.update(asked_at=lab.now)
    assert planned(lab, days=3, seconds=-1) == []
    assert planned(lab, seconds=1) == drift("shop")


@pytest.mark.one_database
@pytest.mark.parametrize("state", ["failed", "denied"])
def test_a_job_that_did_not_end_well_is_not_asked_for_sooner(lab, state):
    on(lab, drift_interval_days=3)
    found(lab, stack())
    planned(lab)
    end_all(lab, state)
    assert planned(lab, days=2) == []
    assert planned(lab, days=1) == drift("shop")


def test_a_job_that_was_cancelled_before_it_started_is_asked_for_anew(lab):
    on(lab)
    found(lab, stack())
    planned(lab)
    end_all(lab, "cancelled")
    assert planned(lab) == drift("shop")


def test_the_interval_counts_from_the_start_of_a_job_that_waited(lab):
    on(lab, drift_interval_days=3)
    found(lab, stack())
    planned(lab)
    end_all(lab)
    AwsJob.objects.update(started_at=lab.now + DAY)
    assert planned(lab, days=3) == []
    assert planned(lab, days=1) == drift("shop")


def test_a_job_that_is_live_beyond_its_interval_is_not_asked_for_again(lab):
    on(lab, drift_interval_days=1)
    found(lab, stack())
    planned(lab)
    assert planned(lab, days=5) == []


@pytest.mark.one_database
def test_a_stack_that_somebody_else_looked_at_is_not_asked_for(lab):
    on(lab, drift_interval_days=3)
    found(lab, stack(drift_checked_at=NOW - 2 * DAY))
    assert planned(lab) == []
    assert planned(lab, days=1) == drift("shop")


@pytest.mark.one_database
def test_nested_stacks_and_those_that_cannot_be_checked_are_left_out(lab):
    on(lab)
    states = ("UPDATE_IN_PROGRESS", "ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS")
    left_out = [stack(status, status=status) for status in states]
    found(lab, stack("nested", parent_id=stack_id("parent")), *left_out, stack("other"))
    assert planned(lab) == drift("other")


@pytest.mark.one_database
def test_what_was_not_collected_is_not_asked_for(lab):
    on(lab, scans_resources=True)
    gap = Gap(kind="cloudformation.stack", reason=GapReason.ACCESS_DENIED)
    lab.scan(facts={"cloudformation.stack": gap, "cloudformation.resource_scan": (no_scan(),)})
    assert planned(lab) == []


@pytest.mark.one_database
def test_a_region_whose_scans_were_not_collected_gets_no_other(lab):
    on(lab, detects_drift=False, scans_resources=True)
    gap = Gap(kind="cloudformation.resource_scan", reason=GapReason.ACCESS_DENIED)
    lab.scan(facts={"cloudformation.stack": (stack(),), "cloudformation.resource_scan": gap})
    assert planned(lab) == []


@pytest.mark.one_database
def test_a_check_of_a_stack_that_was_not_collected_is_no_reason_to_wait(lab):
    on(lab)
    gap = Gap(kind="cloudformation.stack", reason=GapReason.ACCESS_DENIED)
    found(lab, stack(drift_checked_at=gap), stack("unknown", parent_id=gap))
    assert planned(lab) == drift("shop")


def test_an_account_has_so_many_jobs_at_once_the_longest_waiting_first(lab):
    on(lab)
    old = {f"old-{day}": NOW - dt.timedelta(days=day) for day in (7, 9, 8)}
    stacks = [stack(name, drift_checked_at=at) for name, at in old.items()]
    new = [stack(f"new-{number}") for number in range(4)]
    found(lab, *stacks, *new)
    first = planned(lab)
    assert len(first) == PER_ACCOUNT
    assert first == drift("new-0", "new-1", "new-2", "new-3", "old-9")
    assert planned(lab, hours=1) == []
    end_all(lab)
    assert planned(lab, hours=1) == drift("old-8", "old-7")


@pytest.mark.one_database
def test_an_excluded_account_is_left_alone(lab):
    on(lab)
    found(lab, stack())
    account_exclude(actor=None, account=lab.account, reason="closing", now=lab.now)
    assert planned(lab) == []


@pytest.mark.one_database
def test_only_regions_that_are_enabled_are_asked_for(lab):
    on(lab, scans_resources=True)
    found(lab, stack(), scans=[no_scan()])
    RegionState.objects.update(state=RegionState.State.UNREACHABLE)
    assert planned(lab) == []


def test_a_region_is_scanned_where_something_runs_and_no_scan_is_new_enough(lab):
    on(lab, detects_drift=False, scans_resources=True, scan_interval_days=25)
    found(lab, stack(), scans=[no_scan()])
    assert planned(lab) == [("resource_scan", REGION, REGION)]
    end_all(lab)
    assert planned(lab, days=24) == []
    assert planned(lab, days=1) == [("resource_scan", REGION, REGION)]


@pytest.mark.one_database
def test_an_empty_region_is_not_scanned(lab):
    on(lab, detects_drift=False, scans_resources=True)
    found(lab, scans=[no_scan()])
    assert planned(lab) == []


@pytest.mark.one_database
def test_a_scan_that_somebody_else_started_counts(lab):
    on(lab, detects_drift=False, scans_resources=True, scan_interval_days=10)
    found(lab, stack(), scans=[scan(completed_at=NOW - 9 * DAY)])
    assert planned(lab) == []
    assert planned(lab, days=1) == [("resource_scan", REGION, REGION)]


@pytest.mark.one_database
def test_a_job_of_another_kind_does_not_count(lab):
    on(lab)
    AwsJobFactory(account=lab.account, region=REGION, kind="resource_scan", subject="")
    found(lab, stack())
    assert planned(lab) == drift("shop")
