import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction

from findings.models import AwsJob, AwsJobSettings
from tests.factories.accounts import OrganizationFactory
from tests.factories.findings import NOW, AwsJobFactory, AwsJobSettingsFactory

pytestmark = pytest.mark.django_db


def refused(name, **fields):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        AwsJobFactory(**fields)


def test_settings_are_off_unless_switched_on():
    settings = AwsJobSettings(organization=OrganizationFactory())
    assert [settings.interval(kind) for kind in AwsJob.Kind] == [None, None]
    settings.save()
    assert not AwsJobSettings.objects.on().exists()


def test_each_kind_has_its_interval():
    settings = AwsJobSettingsFactory(drift_interval_days=2, scan_interval_days=9)
    assert settings.interval("stack_drift") == dt.timedelta(days=2)
    assert settings.interval("resource_scan") == dt.timedelta(days=9)
    assert AwsJobSettings.objects.on().get() == settings


def test_an_interval_below_a_day_is_refused():
    name = "aws_job_settings_intervals_are_a_day_or_more"
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        AwsJobSettingsFactory(drift_interval_days=0)


def test_one_of_a_kind_and_subject_is_live_in_a_place():
    first = AwsJobFactory()
    same = {"account": first.account, "subject": first.subject}
    with pytest.raises(IntegrityError), transaction.atomic():
        AwsJobFactory(**same)
    AwsJobFactory(**same, region="us-east-1")
    AwsJobFactory(**same, state="failed", finished_at=NOW)
    AwsJobFactory(account=first.account, kind="resource_scan", subject="")


def test_rows_that_cannot_be_are_refused():
    refused("aws_job_has_an_end_when_ended", state="finished")
    refused("aws_job_has_an_end_when_ended", finished_at=NOW)
    refused("aws_job_live_is_looked_at_again", next_poll_at=None)
    refused("aws_job_running_is_known_to_aws", state="running", started_at=NOW)
    refused("aws_job_running_is_known_to_aws", state="running", aws_id="x")
    refused("aws_job_claimed_has_a_lease", token=uuid.uuid4())
    refused("aws_job_claimed_has_a_lease", lease_until=NOW)
    refused("aws_job_has_the_subject_of_its_kind", subject="")
    refused("aws_job_has_the_subject_of_its_kind", kind="resource_scan")


def test_a_job_is_named_by_its_stack_or_region():
    assert AwsJob(subject="arn:aws:cloudformation:x:1:stack/shop/1").subject_name == "shop"
    assert AwsJob(region="eu-west-1").subject_name == "eu-west-1"
