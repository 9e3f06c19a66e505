"""Claims on jobs of AWS, and what is written of them."""

import datetime as dt

import pytest

from findings.models import AwsJob
from findings.services.aws_jobs import (
    AT_ONCE,
    DUE_AT_ONCE,
    LEASE,
    job_claim,
    job_denied,
    job_failed,
    job_finished,
    job_put_off,
    job_running,
    job_started,
    jobs_due,
)
from tests.factories.accounts import AccountFactory
from tests.factories.findings import NOW, AwsJobFactory, AwsJobSettingsFactory

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
THROTTLED = {"operation": "cloudformation:DetectStackDrift", "reason": "throttled", "error": "slow"}


@pytest.fixture
def account():
    found = AccountFactory()
    AwsJobSettingsFactory(organization=found.organization)
    return found


@pytest.fixture
def asked(account):
    return AwsJobFactory(account=account)


def claim(job, at=NOW):
    return job_claim(job_id=job.pk, now=at)


def started(job, at=NOW):
    assert job_started(job=claim(job, at), aws_id="d-1", now=at)
    job.refresh_from_db()
    return job


def test_a_job_is_claimed_once(asked):
    assert claim(asked) is not None
    assert claim(asked) is None
    assert claim(asked, NOW + LEASE - MINUTE) is None


def test_a_job_whose_owner_died_is_taken_up_when_its_lease_has_ended(asked):
    dead = claim(asked)
    assert jobs_due(now=NOW + LEASE - MINUTE) == []
    assert jobs_due(now=NOW + LEASE) == [asked.pk]
    taken = claim(asked, NOW + LEASE)
    assert taken.attempts == 2
    assert not job_started(job=dead, aws_id="d-0", now=NOW + LEASE)
    assert job_started(job=taken, aws_id="d-1", now=NOW + LEASE)
    asked.refresh_from_db()
    assert (asked.state, asked.aws_id) == ("running", "d-1")


def test_a_running_job_whose_owner_died_is_looked_at_again_not_started_again(asked):
    job = started(asked)
    at = NOW + MINUTE
    dead = claim(job, at)
    taken = claim(job, at + LEASE)
    assert (taken.state, taken.aws_id) == ("running", "d-1")
    assert job_finished(job=taken, now=at + LEASE)
    assert not job_running(job=dead, now=at + LEASE)
    assert claim(job, at + DAY) is None


def test_a_job_is_not_claimed_before_its_time(account):
    job = AwsJobFactory(account=account, next_poll_at=NOW + MINUTE)
    assert jobs_due(now=NOW) == []
    assert claim(job) is None
    assert claim(job, NOW + MINUTE)


def test_it_is_looked_at_after_ever_longer_whiles(asked):
    job, at, waits = started(asked), NOW, []
    for _ in range(7):
        job.refresh_from_db()
        waits.append((job.next_poll_at - at) / MINUTE)
        at = job.next_poll_at
        assert job_running(job=claim(job, at), now=at)
    assert waits == [1, 1, 2, 4, 8, 16, 30]


def test_what_does_not_end_in_a_day_has_failed(asked):
    job = started(asked)
    job_running(job=claim(job, NOW + DAY - HOUR), now=NOW + DAY - HOUR)
    job.refresh_from_db()
    assert job.state == "running"
    job_running(job=claim(job, NOW + DAY), now=NOW + DAY)
    job.refresh_from_db()
    assert (job.state, job.reason, job.finished_at) == ("failed", "timed_out", NOW + DAY)


def test_what_is_in_the_way_is_kept_and_tried_again_for_a_day(asked):
    assert job_put_off(job=claim(asked), now=NOW, **THROTTLED)
    asked.refresh_from_db()
    assert (asked.state, asked.reason, asked.error) == ("asked", "throttled", "slow")
    assert asked.next_poll_at == NOW + MINUTE
    assert job_put_off(job=claim(asked, NOW + DAY), now=NOW + DAY, **THROTTLED)
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("failed", "throttled")


def test_what_was_in_the_way_is_forgotten_when_the_job_starts(asked):
    job_put_off(job=claim(asked), now=NOW, **THROTTLED)
    job = started(asked, NOW + MINUTE)
    assert (job.operation, job.reason, job.error, job.attempts) == ("", "", "", 0)


@pytest.mark.parametrize(("end", "state"), [(job_failed, "failed"), (job_denied, "denied")])
def test_an_end_says_which_operation_and_why(asked, end, state):
    assert end(job=claim(asked), now=NOW, **THROTTLED)
    asked.refresh_from_db()
    assert (asked.state, asked.finished_at, asked.token) == (state, NOW, None)
    assert (asked.operation, asked.error) == ("cloudformation:DetectStackDrift", "slow")
    assert jobs_due(now=NOW + DAY) == []


def test_a_region_works_on_so_many_at_once(account):
    jobs = [AwsJobFactory(account=account) for _ in range(AT_ONCE + 1)]
    elsewhere = AwsJobFactory(account=account, region="us-east-1")
    other = AwsJobFactory(account=account, kind="resource_scan", subject="")
    assert [claim(job) is not None for job in jobs] == [True] * AT_ONCE + [False]
    assert claim(elsewhere)
    assert claim(other)
    jobs[-1].refresh_from_db()
    assert (jobs[-1].state, jobs[-1].attempts) == ("asked", 0)
    assert jobs[-1].next_poll_at == NOW + MINUTE


def test_a_place_is_free_again_when_a_job_ends_or_its_owner_died(account):
    first, second, third = (AwsJobFactory(account=account) for _ in range(3))
    job_finished(job=claim(started(first), NOW + MINUTE), now=NOW + MINUTE)
    claim(second, NOW + MINUTE)
    assert claim(third, NOW + MINUTE)
    fourth = AwsJobFactory(account=account)
    assert claim(fourth, NOW + MINUTE) is None
    assert claim(fourth, NOW + MINUTE + LEASE)


def test_what_was_switched_off_meanwhile_is_not_started(asked, account):
    settings = account.organization.aws_job_settings
    settings.detects_drift = False
    settings.save()
    assert claim(asked) is None
    asked.refresh_from_db()
    assert (asked.state, asked.finished_at) == ("cancelled", NOW)
    assert "switched off" in asked.error


def test_what_runs_already_is_looked_at_when_it_is_switched_off(asked, account):
    job = started(asked)
    account.organization.aws_job_settings.delete()
    assert claim(job, NOW + MINUTE)


def test_a_job_of_an_excluded_account_is_not_started(asked, account):
    account.excluded, account.excluded_reason = True, "closing"
    account.save()
    assert claim(asked) is None
    asked.refresh_from_db()
    assert asked.state == "cancelled"


def test_a_tick_takes_up_those_that_wait_longest(account):
    late = AwsJobFactory(account=account)
    early = AwsJobFactory(account=account, next_poll_at=NOW - MINUTE)
    assert jobs_due(now=NOW) == [early.pk, late.pk]
    assert DUE_AT_ONCE >= 2
    assert AwsJob.objects.live().count() == 2
