"""Log groups and metric filters."""

from datetime import UTC, datetime

import pytest

from findings.facts.base import NotCollected
from findings.facts.logs import MetricFilter
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.logs import log_groups, metric_filters, parse_log_group

ARN = "arn:aws:logs:eu-west-1:111111111111:log-group:/app/orders:*"
MINIMAL = {"logGroupName": "/app/orders", "arn": ARN}


def test_log_groups_are_listed_page_by_page():
    session = StubbedSession()
    session.answer("logs", "describe_log_groups", {"logGroups": [MINIMAL], "nextToken": "t"})
    second = MINIMAL | {"logGroupName": "/app/payments"}
    session.answer("logs", "describe_log_groups", {"logGroups": [second]}, nextToken="t")
    assert [group.key for group in log_groups(session)] == ["/app/orders", "/app/payments"]
    session.assert_all_asked()


def test_a_group_that_says_little_is_of_the_standard_class_and_keeps_events_for_ever():
    group = parse_log_group(MINIMAL)
    assert (group.log_class, group.retention_days) == ("STANDARD", None)
    assert (group.retention_policy, group.key_id, group.created_at) == (None, None, None)
    assert (group.metric_filters, group.is_deletion_protected) == (0, False)


def test_what_a_group_says_is_kept():
    group = parse_log_group(
        MINIMAL
        | {
            "logGroupClass": "DELIVERY",
            "retentionInDays": 2,
            "retentionPolicyName": "short",
            "kmsKeyId": "key",
            "creationTime": 1_767_225_600_000,
            "metricFilterCount": 3,
            "storedBytes": 7,
            "deletionProtectionEnabled": True,
            "dataProtectionStatus": "ACTIVATED",
        }
    )
    assert (group.log_class, group.retention_days, group.retention_policy) == (
        "DELIVERY",
        2,
        "short",
    )
    assert group.created_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert (group.key_id, group.metric_filters, group.stored_bytes) == ("key", 3, 7)
    assert group.is_deletion_protected
    assert group.data_protection == "ACTIVATED"


def test_metric_filters_are_kept_with_their_pattern_and_metrics():
    session = StubbedSession()
    metrics = [{"metricNamespace": "Audit", "metricName": "Root", "metricValue": "1"}]
    raw = {
        "logGroupName": "trail",
        "filterName": "root",
        "filterPattern": "",
        "metricTransformations": metrics,
    }
    session.answer("logs", "describe_log_groups", {"logGroups": [{"logGroupName": "trail"}]})
    session.answer("logs", "describe_metric_filters", {"metricFilters": [raw], "nextToken": "t"})
    sparse = {"logGroupName": "trail", "filterName": "sparse"}
    session.answer("logs", "describe_metric_filters", {"metricFilters": [sparse]}, nextToken="t")
    first, second = metric_filters(session)
    assert (first.key, first.pattern) == ("trail/root", "")
    assert [(metric.namespace, metric.name) for metric in first.metrics] == [("Audit", "Root")]
    assert (second.metrics, second.gaps.keys()) == ((), {"pattern"})
    session.assert_all_asked()


def test_without_log_groups_no_metric_filter_is_asked_for():
    session = StubbedSession()
    session.answer("logs", "describe_log_groups", {"logGroups": []})
    assert list(metric_filters(session)) == []
    session.assert_all_asked()


def test_a_pattern_that_is_not_understood_is_not_guessed():
    found = MetricFilter(log_group="trail", name="new", pattern="{ $.a ~ b }", metrics=())
    with pytest.raises(NotCollected, match="PatternNotUnderstood"):
        found.takes({"a": "b"})
