"""Alarms of all types, and when they went into ALARM."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.cloudwatch import (
    alarm_transitions,
    alarms,
    anomaly_detectors,
    children_of,
    parse_alarm,
    parse_alarm_transitions,
    parse_anomaly_detector,
)

TYPES = ["MetricAlarm", "CompositeAlarm", "LogAlarm"]
MINIMAL = {"AlarmName": "shop-5xx", "AlarmArn": "arn:shop-5xx"}
SINCE = NOW - timedelta(days=30)


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def listing(session, times=4, types=tuple(TYPES), **alarms):
    """The one listing, as often as the stub, which keeps nothing, is asked for it."""
    for _ in range(times):
        session.answer("cloudwatch", "describe_alarms", alarms, AlarmTypes=list(types))


def test_alarms_of_all_types_are_listed(session):
    listing(
        session,
        MetricAlarms=[MINIMAL | {"AlarmName": "a"}],
        CompositeAlarms=[MINIMAL | {"AlarmName": "b", "AlarmRule": "ALARM(a)"}],
        LogAlarms=[MINIMAL | {"AlarmName": "c"}],
    )
    found = {(alarm.name, alarm.type) for alarm in alarms(session)}
    assert found == {("a", "metric"), ("b", "composite"), ("c", "log")}


@pytest.mark.parametrize("code", ["ValidationError", "InvalidParameterValue"])
def test_a_region_that_knows_no_log_alarms_is_asked_for_the_others(session, code):
    session.refuse("cloudwatch", "describe_alarms", code)
    listing(session, times=3, types=("MetricAlarm", "CompositeAlarm"), MetricAlarms=[MINIMAL])
    assert [alarm.name for alarm in alarms(session)] == ["shop-5xx"]


def test_a_refusal_of_another_kind_is_no_answer(session):
    session.refuse("cloudwatch", "describe_alarms", "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        list(alarms(session))


def test_what_an_alarm_does_not_say_is_absent():
    alarm = parse_alarm(MINIMAL, "metric")
    assert alarm.actions_enabled
    assert (alarm.alarm_actions, alarm.metrics, alarm.children) == ((), (), ())
    assert (alarm.state, alarm.in_state_since, alarm.configured_at) == (None, None, None)
    assert (alarm.suppressor, alarm.actions_suppressed_by) == (None, None)


def test_a_metric_without_a_namespace_is_kept_as_it_is_told():
    (metric,) = parse_alarm(MINIMAL | {"MetricName": "5XX"}, "metric").metrics
    assert (metric.namespace, metric.name) == ("", "5XX")


def test_what_an_alarm_says_is_kept():
    alarm = parse_alarm(
        MINIMAL
        | {
            "ActionsEnabled": False,
            "AlarmActions": ["arn:b", "arn:a"],
            "StateValue": "ALARM",
            "StateUpdatedTimestamp": NOW,
            "StateTransitionedTimestamp": SINCE,
            "MetricName": "5XX",
            "Namespace": "AWS/ELB",
            "Dimensions": [{"Name": "LoadBalancer", "Value": "shop"}],
            "TreatMissingData": "breaching",
        },
        "metric",
    )
    assert not alarm.actions_enabled
    assert alarm.alarm_actions == ("arn:a", "arn:b")
    assert (alarm.state, alarm.in_state_since) == ("ALARM", SINCE)
    (metric,) = alarm.metrics
    assert (metric.namespace, metric.name, metric.dimensions) == (
        "AWS/ELB",
        "5XX",
        {"LoadBalancer": "shop"},
    )


def test_metrics_and_expressions_of_metric_math_are_kept():
    queries = [
        {
            "Id": "m1",
            "MetricStat": {
                "Metric": {"Namespace": "AWS/SQS", "MetricName": "Depth", "Dimensions": []},
                "Period": 60,
                "Stat": "Sum",
            },
            "AccountId": "222222222222",
        },
        {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)"},
    ]
    alarm = parse_alarm(MINIMAL | {"Metrics": queries, "ThresholdMetricId": "band"}, "metric")
    assert [(m.name, m.account) for m in alarm.metrics] == [("Depth", "222222222222")]
    assert alarm.expressions == ("ANOMALY_DETECTION_BAND(m1, 2)",)
    assert alarm.threshold_metric_id == "band"


def test_a_suppressor_is_known_by_its_name_whether_by_name_or_arn():
    arn = "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:deploying: now"
    by_arn = parse_alarm(MINIMAL | {"ActionsSuppressor": arn}, "composite")
    by_name = parse_alarm(MINIMAL | {"ActionsSuppressor": "deploying: now"}, "composite")
    assert by_arn.suppressor == by_name.suppressor == "deploying: now"


@pytest.mark.parametrize(
    ("rule", "children"),
    [
        ("", ()),
        ("FALSE", ()),
        ("ALARM(a)", ("a",)),
        ('ALARM("a (b), c")', ("a (b), c",)),
        ("(ALARM(a) OR ALARM( b )) AND NOT OK(c)", ("a", "b", "c")),
        ("INSUFFICIENT_DATA(a) AND ALARM(a)", ("a",)),
        ("ALARM(arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a:b)", ("a:b",)),
        ('AT_LEAST(2, ALARM, (a, "b (1)", c))', ("a", "b (1)", "c")),
        ("AT_LEAST(50%, NOT OK, (a,b)) OR ALARM(c)", ("a", "b", "c")),
    ],
)
def test_the_children_of_a_composite_alarm_are_those_that_its_rule_mentions(rule, children):
    assert children_of(rule) == children


@pytest.mark.parametrize(
    ("actions", "is_scaling"),
    [
        ([], False),
        (["arn:aws:autoscaling:eu-west-1:1:scalingPolicy:x"], True),
        (["arn:aws:application-autoscaling:eu-west-1:1:x"], True),
        (["arn:aws:sns:eu-west-1:1:autoscaling"], False),
        (["arn:aws:autoscaling:eu-west-1:1:x", "arn:aws:sns:eu-west-1:1:x"], False),
        (["nonsense"], False),
    ],
)
def test_an_alarm_only_scales_when_all_its_actions_do(actions, is_scaling):
    alarm = parse_alarm(MINIMAL | {"AlarmActions": actions}, "metric")
    assert alarm.is_scaling_only is is_scaling


def update(old, new, name="shop-5xx", **fields):
    states = {"oldState": {"stateValue": old}, "newState": {"stateValue": new}}
    return {
        "AlarmName": name,
        "Timestamp": NOW,
        "HistoryItemType": "StateUpdate",
        "HistoryData": json.dumps(states),
        "HistorySummary": f"Alarm updated from {old} to {new}",
        **fields,
    }


def transitions(*history, names=("shop-5xx",)):
    return {fact.alarm: fact.alarmed_at for fact in parse_alarm_transitions(names, history, SINCE)}


def test_without_alarms_no_history_is_asked_for(session):
    listing(session)
    assert list(alarm_transitions(session)) == []


def test_the_history_of_all_alarms_is_asked_at_once(session):
    listing(session, MetricAlarms=[MINIMAL])
    session.answer(
        "cloudwatch",
        "describe_alarm_history",
        {"AlarmHistoryItems": [update("OK", "ALARM")]},
        AlarmTypes=TYPES,
        HistoryItemType="StateUpdate",
        StartDate=SINCE,
        EndDate=NOW,
    )
    (fact,) = alarm_transitions(session)
    assert (fact.alarm, fact.known_from, fact.alarmed_at) == ("shop-5xx", SINCE, (NOW,))


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("OK", "ALARM", True),
        ("INSUFFICIENT_DATA", "ALARM", True),
        ("ALARM", "ALARM", False),
        ("ALARM", "OK", False),
        ("OK", "INSUFFICIENT_DATA", False),
    ],
)
def test_only_going_into_alarm_counts(old, new, counts):
    assert transitions(update(old, new)) == {"shop-5xx": (NOW,) if counts else ()}


def test_data_that_AWS_cut_off_leaves_the_summary():
    cut = update("OK", "ALARM", HistoryData='{"oldState": {"stateVal')
    assert transitions(cut) == {"shop-5xx": (NOW,)}
    assert transitions(cut | {"HistorySummary": "Alarm updated from ALARM to OK"}) == {
        "shop-5xx": ()
    }


def test_each_alarm_has_a_history_if_an_empty_one_and_deleted_alarms_have_none():
    earlier = NOW - timedelta(hours=1)
    found = transitions(
        update("OK", "ALARM"),
        update("OK", "ALARM", Timestamp=earlier),
        update("OK", "ALARM", name="deleted"),
        names=("shop-5xx", "quiet"),
    )
    assert found == {"shop-5xx": (earlier, NOW), "quiet": ()}


MODELS = {"AnomalyDetectorTypes": ["SINGLE_METRIC", "METRIC_MATH"]}
METRIC = {
    "Namespace": "AWS/SQS",
    "MetricName": "Sent",
    "Dimensions": [{"Name": "QueueName", "Value": "b"}, {"Name": "A", "Value": "a"}],
}


def subject_of(**raw):
    return parse_anomaly_detector(raw).subject


def test_models_of_both_types_are_listed(session):
    detectors = [
        {"StateValue": "TRAINED", "SingleMetricAnomalyDetector": METRIC | {"Stat": "Sum"}},
        {"MetricMathAnomalyDetector": {"MetricDataQueries": [{"Id": "e", "Expression": "m * 2"}]}},
    ]
    answer = {"AnomalyDetectors": detectors}
    listing(session, times=4, MetricAlarms=[{"AlarmName": "queue"}])
    session.answer("cloudwatch", "describe_anomaly_detectors", answer, **MODELS)
    found = [(model.key, model.state) for model in anomaly_detectors(session)]
    assert found == [("AWS/SQS Sent Sum A=a QueueName=b", "TRAINED"), ("e=m * 2", None)]


def test_a_model_is_known_by_what_it_models():
    told = "AWS/SQS Sent Sum A=a QueueName=b"
    assert subject_of(**METRIC, Stat="Sum") == told
    other = METRIC | {"Stat": "Sum", "AccountId": "222222222222"}
    assert subject_of(SingleMetricAnomalyDetector=other) == f"222222222222 {told}"
    query = {"Id": "m", "MetricStat": {"Metric": METRIC, "Stat": "Sum", "Period": 60}}
    assert subject_of(MetricMathAnomalyDetector={"MetricDataQueries": [query]}) == f"m={told}"


def recoveries(*history):
    (fact,) = parse_alarm_transitions(("shop-5xx",), history, SINCE)
    return fact.recovered_at


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("ALARM", "OK", True),
        ("INSUFFICIENT_DATA", "OK", True),
        ("OK", "OK", False),
        ("ALARM", "INSUFFICIENT_DATA", False),
        ("OK", "ALARM", False),
    ],
)
def test_an_alarm_recovers_by_going_into_ok(old, new, counts):
    assert recoveries(update(old, new)) == ((NOW,) if counts else ())


def test_where_the_data_is_cut_off_the_summary_tells_of_a_recovery():
    assert recoveries(update("ALARM", "OK", HistoryData='{"oldState')) == (NOW,)
