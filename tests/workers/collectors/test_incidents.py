"""Incident Manager: plans and incidents, where it is in use."""

from datetime import timedelta

import pytest

from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.incidents import (
    incidents,
    parse_incident,
    parse_response_plan,
    replication_sets,
    response_plans,
)

ROOT = "arn:aws:ssm-incidents::111111111111"
PLAN = {"arn": f"{ROOT}:response-plan/shop", "name": "shop"}
TOLD = PLAN | {"incidentTemplate": {"title": "The shop is down", "impact": 1}}
RECORD = {
    "arn": f"{ROOT}:incident-record/shop/1",
    "title": "The shop is down",
    "status": "RESOLVED",
    "impact": 2,
    "creationTime": NOW - timedelta(days=2),
    "resolvedTime": NOW - timedelta(days=1),
    "incidentRecordSource": {"createdBy": "arn:aws:iam::111111111111:user/jane", "source": "x"},
}


def in_use(*sets):
    session = StubbedSession()
    found = {"replicationSetArns": list(sets or [f"{ROOT}:replication-set/1"])}
    session.answer("ssm-incidents", "list_replication_sets", found)
    return session


def unused():
    session = StubbedSession()
    session.answer("ssm-incidents", "list_replication_sets", {"replicationSetArns": []})
    return session


def planned():
    session = in_use()
    listed = {"responsePlanSummaries": [PLAN]}
    session.answer("ssm-incidents", "list_response_plans", listed)
    return session


def recorded(*records):
    session = in_use()
    filters = [{"key": "status", "condition": {"equals": {"stringValues": ["RESOLVED"]}}}]
    told = {"incidentRecordSummaries": list(records)}
    session.answer("ssm-incidents", "list_incident_records", told, filters=filters)
    return session


def related(*types):
    items = [{"identifier": {"type": type, "value": {"url": "https://x.test"}}} for type in types]
    return {"relatedItems": items}


def test_a_replication_set_is_told_by_its_arn():
    assert [found.arn for found in replication_sets(in_use("arn:1"))] == ["arn:1"]


@pytest.mark.parametrize("collector", [response_plans, incidents])
def test_where_it_is_not_in_use_nothing_more_is_asked(collector):
    assert list(collector(unused())) == []


def test_a_plan_says_what_it_starts_and_whom_it_tells():
    session = planned()
    action = {"ssmAutomation": {"documentName": "restore", "roleArn": "arn:aws:iam::1:role/x"}}
    plan = TOLD | {
        "actions": [action],
        "engagements": ["arn:1", "arn:2"],
        "chatChannel": {"chatbotSns": ["arn:3"]},
    }
    session.answer("ssm-incidents", "get_response_plan", plan, arn=PLAN["arn"])
    (found,) = response_plans(session)
    assert (found.name, found.runbooks) == ("shop", ("restore",))
    assert (found.engagements, found.chat_channels) == (2, 1)
    session.assert_all_asked()


def test_a_plan_may_start_nothing_and_tell_nobody():
    found = parse_response_plan(PLAN, TOLD | {"chatChannel": {"empty": {}}, "actions": [{}]})
    assert (found.runbooks, found.engagements, found.chat_channels) == ((), 0, 0)


def test_a_refused_plan_leaves_its_name():
    session = planned()
    session.refuse("ssm-incidents", "get_response_plan", "AccessDeniedException")
    (found,) = response_plans(session)
    assert set(found.gaps) == {"runbooks", "engagements", "chat_channels"}


def test_a_plan_that_is_gone_meanwhile_is_left_out():
    session = planned()
    session.refuse("ssm-incidents", "get_response_plan", "ResourceNotFoundException")
    assert list(response_plans(session)) == []


def test_analyses_of_an_incident_are_counted_over_all_pages():
    session = recorded(RECORD)
    asked = {"incidentRecordArn": RECORD["arn"]}
    first = related("METRIC", "ANALYSIS") | {"nextToken": "more"}
    session.answer("ssm-incidents", "list_related_items", first, **asked)
    rest = related("ANALYSIS", "PARENT")
    session.answer("ssm-incidents", "list_related_items", rest, **asked, nextToken="more")
    (found,) = incidents(session)
    assert (found.impact, found.analyses) == (2, 2)
    assert found.resolved_at == NOW - timedelta(days=1)
    assert "jane" not in repr(found)
    session.assert_all_asked()


def test_incidents_of_long_ago_are_not_asked_about():
    half_a_year = timedelta(days=180)
    old = RECORD | {"resolvedTime": NOW - half_a_year - timedelta(seconds=1)}
    session = recorded(old, RECORD | {"resolvedTime": NOW - half_a_year})
    session.answer("ssm-incidents", "list_related_items", related())
    assert [found.analyses for found in incidents(session)] == [0]


def test_refused_items_leave_the_incident_known():
    session = recorded(RECORD)
    session.refuse("ssm-incidents", "list_related_items", "AccessDeniedException")
    (found,) = incidents(session)
    assert (set(found.gaps), found.impact) == ({"analyses"}, 2)


def test_nothing_is_invented_for_what_an_incident_does_not_say():
    found = parse_incident({"arn": RECORD["arn"]}, ({},))
    assert set(found.gaps) == {"impact", "resolved_at"}
    assert found.analyses == 0
