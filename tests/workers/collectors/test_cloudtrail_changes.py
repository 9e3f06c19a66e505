"""Calls that changed stacks."""

import json
from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors import cloudtrail_changes
from workers.collectors.cloudtrail_changes import parse_stack_changes, stack_changes

ID = "arn:aws:cloudformation:eu-west-1:111111111111:stack/shop/1"
STACK = {"StackId": ID, "StackName": "shop", "StackStatus": "UPDATE_COMPLETE"}
ROLE = {"sessionContext": {"sessionIssuer": {"type": "Role", "userName": "CodePipelineDeploy"}}}
NAMES = ("CreateStack", "UpdateStack", "ExecuteChangeSet")


def event(name="UpdateStack", at=NOW, **record):
    given = {
        "eventName": name,
        "eventSource": "cloudformation.amazonaws.com",
        "userIdentity": {"type": "AssumedRole", **ROLE},
        "requestParameters": {"stackName": "shop"},
        "responseElements": None,
    }
    return {"EventTime": at, "EventName": name, "CloudTrailEvent": json.dumps(given | record)}


def session_with(changed=NOW, **fields):
    session = StubbedSession()
    stack = STACK | {"CreationTime": changed} | fields
    session.answer_stacks(stack)
    return session


def looked_up(session, name, response):
    session.answer(
        "cloudtrail",
        "lookup_events",
        response,
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}],
        StartTime=NOW - timedelta(days=90),
        EndTime=NOW,
    )


def test_calls_of_three_names_are_looked_up():
    session = session_with()
    looked_up(session, "CreateStack", {"Events": []})
    looked_up(session, "UpdateStack", {"Events": [event()]})
    looked_up(session, "ExecuteChangeSet", {"Events": [event("ExecuteChangeSet")]})
    (found,) = stack_changes(session)
    assert found.known_for == timedelta(days=90)
    assert [change.event for change in found.changes] == ["ExecuteChangeSet", "UpdateStack"]
    session.assert_all_asked()


@pytest.mark.parametrize(
    "fields",
    [
        {"changed": NOW - timedelta(days=90, seconds=1)},
        {"ParentId": "arn:parent"},
        {"changed": NOW, "LastUpdatedTime": NOW - timedelta(days=91)},
    ],
)
def test_nothing_is_looked_up_where_no_root_changed_lately(fields):
    assert list(stack_changes(session_with(**fields))) == []


def test_a_role_and_a_stack_are_read_from_the_record():
    answered = {"stackId": ID}
    (change,) = parse_stack_changes([event(responseElements=answered)])
    assert (change.stack, change.change_set) == (ID, None)
    assert (change.identity, change.role, change.service) == (
        "AssumedRole",
        "CodePipelineDeploy",
        None,
    )


def test_of_a_person_no_name_is_kept():
    identity = {"type": "IAMUser", "userName": "jane", "invokedBy": "servicecatalog.amazonaws.com"}
    (change,) = parse_stack_changes([event(userIdentity=identity)])
    assert (change.identity, change.role) == ("IAMUser", None)
    assert change.service == "servicecatalog.amazonaws.com"
    assert "jane" not in repr(change)


def test_a_change_set_is_named_where_it_is_executed():
    asked = {"changeSetName": "arn:release"}
    (change,) = parse_stack_changes([event("ExecuteChangeSet", requestParameters=asked)])
    assert (change.stack, change.change_set) == (None, "arn:release")


def test_calls_that_failed_and_those_of_other_services_changed_nothing():
    failed = event(errorCode="AccessDenied")
    other = event("CreateStack", eventSource="opsworks.amazonaws.com")
    assert parse_stack_changes([failed, other]) == ()


@pytest.mark.parametrize("member", ["CloudTrailEvent", "EventTime"])
def test_an_event_that_is_not_told_in_full_makes_the_changes_unknown(member):
    sparse = {name: value for name, value in event().items() if name != member}
    assert parse_stack_changes([event(), sparse]).reason is GapReason.NOT_IN_SCHEMA


def test_with_too_many_events_less_is_known(monkeypatch):
    monkeypatch.setattr(cloudtrail_changes, "MOST_EVENTS", 2)
    session = session_with()
    times = [NOW - timedelta(days=number) for number in range(3)]
    looked_up(session, "CreateStack", {"Events": [event("CreateStack", at) for at in times]})
    looked_up(session, "UpdateStack", {"Events": []})
    looked_up(session, "ExecuteChangeSet", {"Events": []})
    (found,) = stack_changes(session)
    assert found.known_from == times[1]
    assert len(found.changes) == 2


@pytest.mark.parametrize("refused", range(3))
def test_what_is_refused_is_not_known(refused):
    session = session_with()
    for number, name in enumerate(NAMES):
        if number == refused:
            session.refuse("cloudtrail", "lookup_events", "AccessDeniedException")
        else:
            looked_up(session, name, {"Events": []})
    (found,) = stack_changes(session)
    assert set(found.gaps) == {"known_from", "known_until", "changes"}
