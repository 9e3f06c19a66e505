"""How much was used what X-Ray should see."""

from datetime import timedelta

import pytest

from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.xray_uses import Candidate, parse_resource_uses, resource_uses

START, END = NOW - timedelta(hours=24), NOW - timedelta(hours=1)
MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:checkout"
ONE = Candidate("lambda", "a", "AWS/Lambda", "Invocations", "Sum", (("FunctionName", "a"),))


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def listed(session, functions=(), apis=(), stages=(), machines=()):
    session.answer("lambda", "list_functions", {"Functions": list(functions)})
    session.answer("apigateway", "get_rest_apis", {"items": list(apis)})
    for found in stages:
        session.answer("apigateway", "get_stages", {"item": list(found)})
    session.answer("stepfunctions", "list_state_machines", {"stateMachines": list(machines)})


def function(name, mode="Active", **fields):
    return {"FunctionName": name, "TracingConfig": {"Mode": mode}} | fields


def query(number, namespace, metric, statistic, **dimensions):
    pairs = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    found = {"Namespace": namespace, "MetricName": metric, "Dimensions": pairs}
    stat = {"Metric": found, "Period": 3600, "Stat": statistic}
    return {"Id": f"q{number}", "MetricStat": stat, "ReturnData": True}


def result(number=0, *values, status="Complete", **fields):
    times = [START + timedelta(hours=hour) for hour in range(len(values))]
    given = {"Id": f"q{number}", "Timestamps": times, "Values": list(values)}
    return given | {"StatusCode": status} | fields


def parsed(*results):
    (use,) = parse_resource_uses([ONE], results, START)
    return use


def test_where_nothing_is_traced_no_metric_is_asked_for(session):
    off = {"stageName": "live", "tracingEnabled": False}
    listed(
        session,
        [function("a", "PassThrough"), function("b", MasterArn="arn:c")],
        [{"id": "1", "name": "shop"}, {"id": "2"}],
        [[off, {"stageName": "next"}], [off | {"tracingEnabled": True}]],
    )
    assert list(resource_uses(session)) == []


def test_each_service_is_counted_by_its_own_metric(session):
    on = {"stageName": "live", "tracingEnabled": True}
    machine = {"stateMachineArn": MACHINE, "name": "checkout", "type": "EXPRESS"}
    apis = [{"id": "1", "name": "shop"}, {"id": "2", "name": "shop"}]
    listed(session, [function("a")], apis, [[on], [on]], [machine | {"creationDate": NOW}])
    asked = {
        "MetricDataQueries": [
            query(0, "AWS/Lambda", "Invocations", "Sum", FunctionName="a"),
            query(1, "AWS/ApiGateway", "Count", "SampleCount", ApiName="shop", Stage="live"),
            query(2, "AWS/States", "ExecutionsStarted", "Sum", StateMachineArn=MACHINE),
        ],
        "StartTime": START,
        "EndTime": END,
    }
    answer = {"MetricDataResults": [result(2, 4.0), result(0, 1.0, 2.0), result(1)]}
    session.answer("cloudwatch", "get_metric_data", answer, **asked)
    found = {use.key: use.requests for use in resource_uses(session)}
    assert found == {"lambda/a": 3, "apigateway/shop/live": 0, "stepfunctions/checkout": 4}


def test_metrics_are_asked_for_five_hundred_at_once(session):
    listed(session, [function(f"f{number}") for number in range(501)])
    for count in (500, 1):
        results = [result(number, 1.0) for number in range(count)]
        session.answer("cloudwatch", "get_metric_data", {"MetricDataResults": results})
    assert len(list(resource_uses(session))) == 501


def test_parts_of_a_result_are_taken_together():
    assert parsed(result(0, 1.0, status="PartialData"), result(0, 2.0)).requests == 3


def test_the_hour_in_which_the_window_begins_is_left_out():
    early = [START - timedelta(seconds=1), START]
    assert parsed(result(0, Timestamps=early, Values=[5.0, 1.0])).requests == 1


@pytest.mark.parametrize("status", ["InternalError", "Forbidden", "PartialData"])
def test_a_result_that_is_not_complete_is_not_known(status):
    assert parsed(result(0, 1.0, status=status)).gaps.keys() == {"requests"}


def test_a_result_that_is_left_out_is_not_known():
    assert parsed().gaps.keys() == {"requests"}
    assert parsed({"Id": "q0"}).gaps.keys() == {"requests"}
