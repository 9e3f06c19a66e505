"""The tasks: what beat sends, and that a restart in the middle costs nothing."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import RoleHealth
from findings.checks.base import built_in
from findings.models import AwsJob
from findings.services.aws_job_planning import jobs_plan
from findings.services.aws_jobs import job_claim
from simulator.days import Change
from tests.factories.accounts import AccountFactory, OrganizationFactory
from tests.factories.findings import AwsJobSettingsFactory
from tests.findings.checks.builders_cloudformation import stack
from tests.findings.services.lab import Lab
from workers.access import process_hub
from workers.tasks.aws_jobs import advance, plan, poll

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("eager_tasks")]

ACCOUNT, REGION = "100000000003", "eu-west-1"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def lab(simulated, settings, monkeypatch):
    """An account of a simulated organization, scanned: it has a stack that nobody looked at."""
    facet = "cloudformation.stacks.drift_cadence"
    change = Change(day=1, facet=facet, variant="never", account=ACCOUNT, region=REGION)
    site = simulated(changes=[change])
    settings.AWS_ENDPOINT_URL = site.url
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", site.world.credentials.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", site.world.credentials.secret_access_key)
    process_hub.cache_clear()
    organization = OrganizationFactory(
        external_id=site.world.external_id, regions=[REGION], management_account_id=ACCOUNT
    )
    account = AccountFactory(organization=organization, account_id=ACCOUNT)
    check = "cloudformation_stack_drift_checked_recently"
    lab = Lab(
        registry={check: built_in()[check]},
        organization=organization,
        account=account,
        now=timezone.now(),
    )
    found = site.world.place(ACCOUNT, REGION).find("cloudformation.stacks", StackName="stock")
    lab.scan(facts={"cloudformation.stack": (stack("stock", id=found["StackId"]),)})
    lab.calls = lambda: site.world.jobs.of("drift detection", ACCOUNT, REGION)
    yield lab
    process_hub.cache_clear()


def come():
    """The time of every live job has come."""
    AwsJob.objects.live().update(next_poll_at=timezone.now() - HOUR)


def test_nothing_is_started_where_nothing_is_switched_on(lab):
    plan()
    poll()
    assert not AwsJob.objects.exists()
    assert lab.calls() == []


def test_a_job_is_planned_started_and_looked_at_until_it_ends(lab):
    AwsJobSettingsFactory(organization=lab.organization)
    plan()
    assert AwsJob.objects.get().state == "running"
    for _ in range(3):
        come()
        poll()
    assert AwsJob.objects.get().state == "finished"
    plan()
    assert len(lab.calls()) == AwsJob.objects.count() == 1


def test_a_job_is_not_looked_at_before_its_time(lab):
    AwsJobSettingsFactory(organization=lab.organization)
    plan()
    poll()
    assert AwsJob.objects.get().attempts == 0


def test_another_task_starts_the_job_that_a_dead_one_had_claimed(lab):
    AwsJobSettingsFactory(organization=lab.organization, scans_resources=False)
    (job_id,) = jobs_plan(now=timezone.now())
    assert job_claim(job_id=job_id, now=timezone.now())
    goes_on_when_the_lease_has_ended(lab)


@pytest.mark.parametrize("looks", [0, 1])
def test_another_task_looks_at_the_job_that_a_dead_one_had_claimed(lab, looks):
    AwsJobSettingsFactory(organization=lab.organization, scans_resources=False)
    plan()
    for _ in range(looks):
        come()
        poll()
    come()
    assert job_claim(job_id=AwsJob.objects.get().pk, now=timezone.now())
    goes_on_when_the_lease_has_ended(lab)


def goes_on_when_the_lease_has_ended(lab):
    token = AwsJob.objects.get().token
    assert token
    poll()
    assert AwsJob.objects.get().token == token, "somebody has it, as far as anybody knows"
    AwsJob.objects.update(lease_until=timezone.now())
    poll()
    assert AwsJob.objects.get().token is None
    for _ in range(3):
        come()
        poll()
    assert AwsJob.objects.get().state == "finished"
    assert len(lab.calls()) == 1


def test_a_message_that_comes_twice_does_nothing_twice(lab):
    AwsJobSettingsFactory(organization=lab.organization)
    plan()
    job = AwsJob.objects.get()
    advance(job.pk)
    advance(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("running", 0)


def test_a_job_is_no_word_on_the_health_of_the_role(lab):
    AwsJobSettingsFactory(organization=lab.organization)
    plan()
    lab.account.refresh_from_db()
    assert lab.account.role_health == RoleHealth.UNTESTED
