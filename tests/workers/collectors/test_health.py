"""Changes that AWS has scheduled."""

import pytest
from botocore.exceptions import ClientError

from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.health import WANTED, parse_scheduled_change, scheduled_changes

TYPE = "AWS_LAMBDA_PLANNED_LIFECYCLE_EVENT"
ARN = f"arn:aws:health:eu-west-1::event/LAMBDA/{TYPE}/{TYPE}_1"
RAW = {
    "arn": ARN,
    "service": "LAMBDA",
    "eventTypeCode": TYPE,
    "region": "eu-west-1",
    "statusCode": "upcoming",
    "startTime": NOW,
}


def session_in_an_organization():
    session = StubbedSession()
    organization = {"Id": "o-1", "MasterAccountId": "111111111111"}
    session.answer("organizations", "describe_organization", {"Organization": organization})
    return session


def test_what_is_scheduled_for_the_organization_is_listed():
    session = session_in_an_organization()
    session.answer("health", "describe_events_for_organization", {"events": [RAW]}, **WANTED)
    (found,) = scheduled_changes(session)
    assert (found.arn, found.service, found.type) == (ARN, "LAMBDA", TYPE)
    assert (found.region, found.status, found.starts_at) == ("eu-west-1", "upcoming", NOW)
    session.assert_all_asked()


def test_without_an_organization_the_account_is_asked():
    session = StubbedSession()
    session.refuse("organizations", "describe_organization", "AWSOrganizationsNotInUseException")
    session.answer("health", "describe_events", {"events": [RAW]}, **WANTED)
    assert [found.arn for found in scheduled_changes(session)] == [ARN]
    session.assert_all_asked()


def test_a_time_that_is_not_told_is_not_known():
    assert set(parse_scheduled_change({"arn": ARN}).gaps) == {"starts_at"}


@pytest.mark.parametrize("code", ["SubscriptionRequiredException", "AccessDeniedException"])
def test_a_refusal_is_not_an_empty_list(code):
    session = session_in_an_organization()
    session.refuse("health", "describe_events_for_organization", code)
    with pytest.raises(ClientError, match=code):
        list(scheduled_changes(session))
