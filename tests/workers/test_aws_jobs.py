"""Jobs of AWS from their row to their end, in a simulated organization."""

import datetime as dt

import pytest
from django.utils import timezone

from findings.models import AwsJob
from findings.services.aws_jobs import LEASE, job_claim
from simulator.days import Change
from tests.factories.accounts import AccountFactory, OrganizationFactory
from tests.factories.findings import AwsJobFactory, AwsJobSettingsFactory
from workers.access import enter
from workers.aws.jobs import job_session, start
from workers.aws_jobs import job_advance

pytestmark = pytest.mark.django_db

ACCOUNT, REGION = "100000000003", "eu-west-1"
STOCK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/stock/"
CHANGES = [
    Change(day=1, facet=facet, variant="never", account=ACCOUNT, region=REGION)
    for facet in ("cloudformation.stacks.drift_cadence", "cloudformation.resource_scans")
]


@pytest.fixture
def site(simulated, settings):
    """A simulated organization in which jobs are switched on, and its rows."""

    def build(**parts):
        site = simulated(changes=CHANGES, **parts)
        settings.AWS_ENDPOINT_URL = site.url
        organization = OrganizationFactory(external_id=site.world.external_id)
        AwsJobSettingsFactory(organization=organization)
        site.row = AccountFactory(organization=organization, account_id=ACCOUNT)
        return site

    return build


def asked(site, kind="stack_drift", name="stock", account=None):
    place = site.world.place(ACCOUNT, REGION)
    stack = place.find("cloudformation.stacks", StackName=name) or {"StackId": f"{STOCK}gone"}
    subject = stack["StackId"] if kind == "stack_drift" else ""
    now = timezone.now()
    return AwsJobFactory(
        account=account or site.row,
        region=REGION,
        kind=kind,
        subject=subject,
        asked_at=now,
        next_poll_at=now,
    )


def advance(site, job):
    """Its next step, as if its time had come."""
    AwsJob.objects.filter(pk=job.pk).live().update(next_poll_at=timezone.now())
    claimed = job_claim(job_id=job.pk, now=timezone.now())
    job_advance(job=claimed, hub=site.hub)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("kind", AwsJob.Kind.values)
def test_a_job_is_started_looked_at_and_ends(site, kind):
    site = site()
    job = asked(site, kind)
    states = [advance(site, job).state for _ in range(4)]
    assert states == ["running", "running", "running", "finished"]
    assert job.started_at <= job.finished_at
    assert job.token is None


def test_what_the_role_may_not_start_is_denied_and_told(site):
    site = site(faults=["access_denied:cloudformation:DetectStackDrift"])
    job = advance(site, asked(site))
    assert (job.state, job.reason) == ("denied", "access_denied")
    assert job.operation == "cloudformation:DetectStackDrift"
    assert "not authorized to perform: cloudformation:DetectStackDrift" in job.error


def test_a_denial_by_a_policy_is_told_as_such(site):
    site = site(faults=["scp_denied:cloudformation:StartResourceScan"])
    job = advance(site, asked(site, "resource_scan"))
    assert (job.state, job.reason) == ("denied", "denied_by_policy")


def test_what_may_not_be_looked_at_is_denied_too(site):
    site = site(faults=["access_denied:cloudformation:DescribeStackDriftDetectionStatus"])
    job = asked(site)
    assert [advance(site, job).state for _ in range(2)] == ["running", "denied"]


def test_a_throttled_start_is_tried_again_later(site):
    site = site(faults=["throttle:cloudformation:DetectStackDrift"])
    job = advance(site, asked(site))
    assert (job.state, job.reason, job.aws_id) == ("asked", "throttled", "")
    assert job.next_poll_at > timezone.now()
    site.world.faults.set([])
    assert advance(site, job).state == "running"
    assert job.reason == job.error == ""


def test_a_throttled_look_leaves_the_job_running(site):
    site = site()
    job = advance(site, asked(site, "resource_scan"))
    site.world.faults.set(["throttle:cloudformation:DescribeResourceScan"])
    assert (advance(site, job).state, job.reason) == ("running", "throttled")
    site.world.faults.set([])
    assert [advance(site, job).state for _ in range(3)][-1] == "finished"


def test_a_job_that_is_in_progress_already_waits(site):
    site = site()
    other = job_session(enter(site.row, site.hub), REGION)
    start(other, "resource_scan", "", "somebody-else")
    job = advance(site, asked(site, "resource_scan"))
    assert (job.state, job.reason) == ("asked", "ResourceScanInProgress")


def test_a_worker_that_died_after_it_started_a_scan_starts_no_second_one(site):
    site = site()
    job = asked(site, "resource_scan")
    dead = job_claim(job_id=job.pk, now=timezone.now() - LEASE)
    assert dead is None, "its time has not come"
    AwsJob.objects.update(next_poll_at=timezone.now() - dt.timedelta(hours=1))
    dead = job_claim(job_id=job.pk, now=timezone.now() - LEASE)
    begun = start(job_session(enter(site.row, site.hub), REGION), dead.kind, "", str(dead.uid))
    assert advance(site, job).aws_id == begun


def test_an_account_that_cannot_be_entered_is_told(site):
    site = site()
    missing = site.conditioned("role_missing")
    row = AccountFactory(organization=site.row.organization, account_id=missing)
    job = advance(site, asked(site, account=row))
    assert (job.state, job.operation) == ("denied", "sts:AssumeRole")
    assert job.reason == "role_missing"


def test_sts_that_does_not_answer_is_asked_again_later(site):
    site = site(faults=["throttle:sts:AssumeRole"])
    job = advance(site, asked(site))
    assert (job.state, job.operation, job.reason) == ("asked", "sts:AssumeRole", "unreachable")


def test_a_stack_that_is_gone_is_tried_for_a_day(site):
    site = site()
    job = advance(site, asked(site, name="gone"))
    assert (job.state, job.reason) == ("asked", "ValidationError")
    AwsJob.objects.update(asked_at=timezone.now() - dt.timedelta(days=1))
    assert advance(site, job).state == "failed"


def test_a_job_that_aws_does_not_know_has_failed(site):
    site = site()
    job = advance(site, asked(site))
    AwsJob.objects.update(aws_id="no-such-detection")
    assert (advance(site, job).state, job.reason) == ("failed", "ValidationError")


def test_a_job_that_fails_at_aws_tells_its_reason(site):
    site = site()
    job = advance(site, asked(site))
    for _ in range(2):
        advance(site, job)
    stacks = site.world.place(ACCOUNT, REGION).all("cloudformation.stacks")
    stacks[:] = [stack for stack in stacks if stack["StackId"] != job.subject]
    assert (advance(site, job).state, job.reason) == ("failed", "failed")
    assert "does not exist any more" in job.error


def test_a_region_that_is_off_ends_the_job(site):
    site = site(faults=["disabled_region:cloudformation"])
    assert (advance(site, job := asked(site)).state, job.reason) == ("failed", "region_disabled")


def test_a_bug_is_kept_with_the_job_and_raised(site):
    job = asked(site())
    claimed = job_claim(job_id=job.pk, now=timezone.now())
    with pytest.raises(AttributeError):
        job_advance(job=claimed, hub=None)
    job.refresh_from_db()
    assert (job.state, job.reason, job.token) == ("asked", "AttributeError", None)
    assert job.next_poll_at > timezone.now()
