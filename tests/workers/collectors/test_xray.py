"""X-Ray: slices of the service graph, sampling rules and groups."""

from collections import Counter
from datetime import timedelta

import pytest

from findings.facts.xray import Traffic
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.xray import (
    parse_sampling_rule,
    parse_sampling_rule_uses,
    parse_trace_group,
    parse_traced_services,
    sampling_rule_uses,
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


def test_an_empty_region_costs_four_calls(session):
    for number in range(4):
        session.answer("xray", "get_service_graph", {"Services": []}, **window(number))
    assert list(traced_services(session)) == []


def test_where_there_are_traces_the_day_before_is_read_too(session):
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
    session.answer("xray", "get_sampling_rules", {"SamplingRuleRecords": [{"CreatedAt": NOW}]})
    assert list(sampling_rule_uses(session)) == []


def test_a_group_has_no_insights_unless_it_says_so():
    group = parse_trace_group({"GroupName": "a", "FilterExpression": ""})
    assert (group.filter_expression, group.has_insights, group.notifies) == (None, False, False)


def test_insights_and_notifications_are_read_apart():
    insights = {"InsightsEnabled": True, "NotificationsEnabled": False}
    group = parse_trace_group({"GroupName": "a", "InsightsConfiguration": insights})
    assert (group.has_insights, group.notifies) == (True, False)
