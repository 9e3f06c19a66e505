"""What was changed lately, by hand or not."""

import json
from datetime import timedelta

import pytest

from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.cloudtrail_activity import (
    MOST_PAGES,
    WRITES,
    parse_write_activity,
    write_activity,
)

DAY = timedelta(days=1)


def role(name, **fields):
    issuer = {"sessionContext": {"sessionIssuer": {"userName": name}}}
    return {"userIdentity": {"type": "AssumedRole", **issuer}, **fields}


PIPELINE = role("deploy", userAgent="aws-sdk-go/1.2", eventType="AwsApiCall")


def event(told=PIPELINE, name="PutItem", **age):
    return {
        "EventName": name,
        "EventTime": NOW - timedelta(**age),
        "Username": "jane",
        "CloudTrailEvent": json.dumps(told),
    }


def parsed(*events, known_from=NOW - DAY):
    return parse_write_activity("eu-west-1", events, NOW, known_from)


def test_events_are_counted_by_the_hour_newest_first():
    ages = ({"minutes": 0}, {"minutes": 59}, {"hours": 1}, {"hours": 23, "minutes": 59})
    found = parsed(*(event(**age) for age in ages))
    assert (found.writes[0], found.writes[1], found.writes[23]) == (2, 1, 1)
    assert (sum(found.writes), found.by_hand, found.covered_hours) == (4, (), 24)


def test_events_of_another_time_do_not_count():
    late = event(minutes=-1)
    assert sum(parsed(event(hours=24), late, {"EventName": "PutItem"}).writes) == 0


@pytest.mark.parametrize(
    ("told", "actor"),
    [
        (role("AWSReservedSSO_Admin_0a1b"), "AWSReservedSSO_Admin_0a1b"),
        (role("admin", sessionCredentialFromConsole="true"), "admin"),
        (role("admin", userAgent="console.amazonaws.com"), "admin"),
        (role("admin", userAgent="[S3Console/0.4, aws-internal/3]"), "admin"),
        (role("admin", userAgent="aws-cli/2.1 exec-env/CloudShell"), "admin"),
        (role("admin", eventType="AwsConsoleAction"), "admin"),
        ({"userIdentity": {"type": "Root"}}, "Root"),
        ({"userIdentity": {"type": "IdentityCenterUser"}}, "IdentityCenterUser"),
        (
            {
                "userIdentity": {"type": "IAMUser", "userName": "jane"},
                "userAgent": "signin.amazonaws.com",
            },
            "IAMUser",
        ),
    ],
)
def test_what_people_do(told, actor):
    found = parsed(event(told, hours=2), event(told, hours=2))
    (change,) = found.by_hand
    assert (change.hour, change.actor, change.event, change.count) == (2, actor, "PutItem", 2)
    assert found.writes[2] == 2
    assert "jane" not in repr(found)


@pytest.mark.parametrize(
    "told",
    [
        PIPELINE,
        role("admin", sessionCredentialFromConsole="false"),
        {"userIdentity": {"type": "IAMUser", "userName": "ci"}, "userAgent": "aws-cli/2.1"},
        {"userIdentity": {"type": "AWSAccount"}},
        {},
        [],
    ],
)
def test_what_automation_does(told):
    found = parsed(event(told, hours=2))
    assert (found.writes[2], found.by_hand) == (1, ())


@pytest.mark.parametrize(
    "told",
    [
        {"userIdentity": {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}},
        {"userIdentity": {"type": "AWSService"}},
        role("AWSReservedSSO_Admin_0a1b")
        | {"userIdentity": {"invokedBy": "cloudformation.amazonaws.com"}},
        {"eventType": "AwsServiceEvent"},
        {"eventType": "AwsConsoleSignIn", "userIdentity": {"type": "Root"}},
        {"eventType": "AwsCloudTrailInsight"},
    ],
)
def test_what_aws_does_and_who_signs_in_is_no_change(told):
    assert sum(parsed(event(told, hours=2)).writes) == 0


def test_an_event_that_cannot_be_read_counts_as_a_change_by_nobody_known():
    broken = event(hours=1) | {"CloudTrailEvent": "{"}
    assert parsed(broken, {"EventTime": NOW}).writes[:2] == (1, 1)


def answered(session, *pages, is_more=False):
    for number, events in enumerate(pages):
        answer = {"Events": events}
        expected = {
            "LookupAttributes": WRITES,
            "StartTime": NOW - DAY,
            "EndTime": NOW,
            "MaxResults": 50,
        }
        if number:
            expected["NextToken"] = str(number)
        if number + 1 < len(pages) or is_more:
            answer["NextToken"] = str(number + 1)
        session.answer("cloudtrail", "lookup_events", answer, **expected)


def test_all_pages_are_read():
    session = StubbedSession()
    answered(session, [event(hours=1)], [event(hours=2)])
    (found,) = write_activity(session)
    assert (found.region, sum(found.writes), found.covered_hours) == ("eu-west-1", 2, 24)
    session.assert_all_asked()


def test_no_more_than_forty_pages_are_read_and_the_hour_that_breaks_off_is_not_whole():
    session = StubbedSession()
    pages = ([event(minutes=8 * number)] for number in range(MOST_PAGES))
    answered(session, *pages, is_more=True)
    (found,) = write_activity(session)
    assert found.covered_hours == 5  # the last one read is 312 minutes old
    assert sum(found.writes) == MOST_PAGES
    session.assert_all_asked()


def test_forty_pages_may_be_all():
    session = StubbedSession()
    answered(session, *([event(minutes=number)] for number in range(MOST_PAGES)))
    (found,) = write_activity(session)
    assert found.covered_hours == 24
