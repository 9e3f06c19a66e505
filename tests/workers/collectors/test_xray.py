"""X-Ray: slices of the service graph, sampling rules and groups."""

from collections import Counter
from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from findings.facts.xray import Traffic
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.xray import (
    active_insights,
    parse_sampling_rule,
    parse_sampling_rule_uses,
    parse_trace_group,
    parse_traced_services,
    sampling_rule_uses,
    trace_encryption,
    traced_services,
)

HOME = "111111111111"
STATISTICS = {
    "OkCount": 90,
    "ErrorStatistics": {"ThrottleCount": 2, "OtherCount": 3, "TotalCount": 5},
    "FaultStatistics": {"OtherCount": 5, "TotalCount": 5},
    "TotalCount": 100,
    "TotalResponseTime": 12.5,
}
QUIET = Traffic(requests=0, errors=0, throttles=0, faults=0)
BUSY = Traffic(requests=100, errors=5, throttles=2, faults=5)


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def node(name="shop", **fields):
    given = {"Name": name, "Type": "AWS::Lambda::Function", "SummaryStatistics": STATISTICS}
    return given | fields


def window(number):
    """The parameters of a slice of six hours, counted back from now."""
    end = NOW - timedelta(hours=6 * number)
    return {"StartTime": end - timedelta(hours=6), "EndTime": end}


def traced(session):
    """Eight slices, of which the newest holds traces of the account."""
    for number in range(8):
        found = [node()] if number == 0 else []
        session.answer("xray", "get_service_graph", {"Services": found}, **window(number))


IDLE = (
    ("cloudformation", "list_stacks", {"StackSummaries": []}),
    *(("cloudwatch", "describe_alarms", {}) for _ in range(4)),
    ("logs", "describe_log_groups", {"logGroups": []}),
    ("lambda", "list_functions", {"Functions": []}),
    ("apigateway", "get_rest_apis", {"items": []}),
    ("stepfunctions", "list_state_machines", {"stateMachines": []}),
)
STANDING = {
    "cloudformation": {
        "StackSummaries": [
            {"StackName": "a", "CreationTime": NOW, "StackStatus": "CREATE_COMPLETE"}
        ]
    },
    "cloudwatch": {
        "MetricAlarms": [{"AlarmName": "a"}],
        "CompositeAlarms": [{"AlarmName": "b"}],
    },
    "logs": {"logGroups": [{"logGroupName": "a"}]},
    "lambda": {"Functions": [{"FunctionName": "a"}]},
    "apigateway": {"items": [{"id": "a", "name": "a"}]},
    "stepfunctions": {
        "stateMachines": [
            {"name": "a", "stateMachineArn": "a", "type": "STANDARD", "creationDate": NOW}
        ]
    },
}


def idle_but(session, *services):
    """Nothing stands in the region, except in these services."""
    for service, method, answer in IDLE:
        session.answer(service, method, STANDING[service] if service in services else answer)


def test_an_empty_region_costs_one_call_of_xray(session):
    session.answer("xray", "get_service_graph", {"Services": []}, **window(0))
    idle_but(session)
    assert list(traced_services(session)) == []


@pytest.mark.parametrize("service", STANDING)
def test_where_anything_stands_the_whole_day_is_read(service):
    session = StubbedSession()
    idle_but(session, service)
    for number in range(8):
        services = [node()] if number == 3 else []
        session.answer("xray", "get_service_graph", {"Services": services}, **window(number))
    assert [found.name for found in traced_services(session)] == ["shop"]


@pytest.mark.parametrize("refused", STANDING)
def test_where_something_may_stand_the_whole_day_is_read(refused):
    session = StubbedSession()
    for service, method, answer in IDLE:
        if service == refused:
            session.refuse(service, method, "AccessDeniedException")
        else:
            session.answer(service, method, answer)
    for number in range(8):
        services = [node()] if number == 1 else []
        session.answer("xray", "get_service_graph", {"Services": services}, **window(number))
    assert [found.name for found in traced_services(session)] == ["shop"]


def test_traces_that_arrive_now_are_read_whole_wherever_they_come_from(session):
    traced(session)
    assert [found.name for found in traced_services(session)] == ["shop"]


def test_where_there_are_traces_the_day_before_is_read_too():
    session = StubbedSession()
    idle_but(session, "cloudformation")
    for number in range(8):
        services = [node()] if number in (3, 7) else []
        session.answer("xray", "get_service_graph", {"Services": services}, **window(number))
    (shop,) = traced_services(session)
    assert shop.traffic == (QUIET, QUIET, QUIET, BUSY, QUIET, QUIET, QUIET, BUSY)


def test_a_service_is_told_apart_by_type_and_account():
    services = [node(), node(Type="AWS::Lambda"), node(AccountId="222222222222")]
    found = parse_traced_services([services], HOME)
    assert Counter(service.key for service in found) == {
        f"{HOME}/AWS::Lambda/shop": 1,
        f"{HOME}/AWS::Lambda::Function/shop": 1,
        "222222222222/AWS::Lambda::Function/shop": 1,
    }


def test_a_service_was_last_seen_in_its_newest_slice():
    earlier = NOW - timedelta(hours=7)
    slices = [[node(EndTime=NOW)], [node(EndTime=earlier)]]
    (shop,) = parse_traced_services(slices, HOME)
    assert shop.last_seen_at == NOW
    (shop,) = parse_traced_services(slices[::-1], HOME)
    assert shop.last_seen_at == NOW


def test_a_service_that_a_graph_lists_twice_is_counted_together():
    (shop,) = parse_traced_services([[node(), node()]], HOME)
    assert shop.traffic[0].requests == 200


def test_a_service_goes_by_all_its_names():
    slices = [[node(Names=["shop", "shop.example.com"])], [node(Names=["shop-old"])]]
    (shop,) = parse_traced_services(slices, HOME)
    assert shop.names == ("shop", "shop-old", "shop.example.com")


def test_a_node_that_tells_nothing_is_a_service_without_traffic():
    (found,) = parse_traced_services([[{"ReferenceId": 0}]], HOME)
    assert (found.owner, found.type, found.name) == (HOME, "", "")
    assert (found.last_seen_at, found.traffic) == (None, (QUIET,))


def record(name="orders", **fields):
    rule = {
        "RuleName": name,
        "ResourceARN": "*",
        "Priority": 100,
        "FixedRate": 0.05,
        "ReservoirSize": 1,
        "ServiceName": "*",
        "ServiceType": "*",
        "Host": "*",
        "HTTPMethod": "*",
        "URLPath": "/orders",
        "Version": 1,
    }
    return {"SamplingRule": rule | fields, "CreatedAt": NOW}


def test_a_sampling_rule_keeps_rates_of_zero():
    rule = parse_sampling_rule(record(FixedRate=0.0, ReservoirSize=0))
    assert (rule.fixed_rate, rule.reservoir, rule.created_at) == (0.0, 0, NOW)
    assert rule.modified_at is None


def test_use_is_that_of_the_last_hour_of_every_rule():
    def summary(minutes, **fields):
        return {"RuleName": "a", "Timestamp": NOW - timedelta(minutes=minutes), **fields}

    statistics = [
        summary(5, RequestCount=3),
        summary(60, RequestCount=4),
        summary(61, RequestCount=50),
        summary(5),
        {"RuleName": "a", "RequestCount": 70},
    ]
    found = parse_sampling_rule_uses(["a", "b"], statistics, NOW - timedelta(hours=1))
    assert [(use.rule, use.requests_last_hour) for use in found] == [("a", 7), ("b", 0)]


def test_without_rules_no_use_is_asked_for(session):
    traced(session)
    session.answer("xray", "get_sampling_rules", {"SamplingRuleRecords": [{"CreatedAt": NOW}]})
    assert list(sampling_rule_uses(session)) == []


def test_a_group_has_no_insights_unless_it_says_so():
    group = parse_trace_group({"GroupName": "a", "FilterExpression": ""})
    assert (group.filter_expression, group.has_insights, group.notifies) == (None, False, False)


def test_insights_and_notifications_are_read_apart():
    insights = {"InsightsEnabled": True, "NotificationsEnabled": False}
    group = parse_trace_group({"GroupName": "a", "InsightsConfiguration": insights})
    assert (group.has_insights, group.notifies) == (True, False)


WATCHED = {"GroupName": "a", "InsightsConfiguration": {"InsightsEnabled": True}}
ASKED = {
    "GroupName": "a",
    "States": ["ACTIVE"],
    "StartTime": NOW - timedelta(days=30) + timedelta(hours=1),
    "EndTime": NOW,
}


def test_insights_are_read_of_the_groups_that_have_them(session):
    session.answer("xray", "get_groups", {"Groups": [WATCHED, {"GroupName": "b"}]})
    first = {"InsightId": "2", "StartTime": NOW, "RootCauseServiceId": {"Name": "shop"}}
    pages = ({"InsightSummaries": [first], "NextToken": "t"}, {"InsightSummaries": [{}]})
    session.answer("xray", "get_insight_summaries", pages[0], **ASKED)
    session.answer("xray", "get_insight_summaries", pages[1], **ASKED, NextToken="t")
    (group,) = active_insights(session)
    assert group.key == "a"
    found = [(one.id, one.started_at, one.root_cause) for one in group.insights]
    assert found == [("", None, None), ("2", NOW, "shop")]


def test_denied_insights_cost_only_those_of_the_group(session):
    session.answer("xray", "get_groups", {"Groups": [WATCHED]})
    session.refuse("xray", "get_insight_summaries", "AccessDeniedException")
    (group,) = active_insights(session)
    assert group.gaps["insights"].reason is GapReason.ACCESS_DENIED


def test_insights_of_a_group_without_a_name_are_not_known(session):
    session.answer("xray", "get_groups", {"Groups": [{**WATCHED, "GroupName": ""}]})
    (group,) = active_insights(session)
    assert group.gaps["insights"].reason is GapReason.NOT_IN_SCHEMA


def test_encryption_is_one_setting_of_the_region(session):
    answer = {"EncryptionConfig": {"Type": "KMS", "Status": "UPDATING", "KeyId": "alias/x"}}
    traced(session)
    session.answer("xray", "get_encryption_config", answer)
    (found,) = trace_encryption(session)
    assert (found.key, found.type, found.status) == ("eu-west-1", "KMS", "UPDATING")
    assert found.kms_key == "alias/x"


def test_encryption_that_is_left_out_is_not_known(session):
    traced(session)
    session.answer("xray", "get_encryption_config", {})
    (found,) = trace_encryption(session)
    assert (found.gaps.keys(), found.kms_key) == ({"type", "status"}, None)
