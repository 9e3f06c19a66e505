"""Collectors of CloudWatch Logs: log groups and metric filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from findings.facts.logs import FilterMetric, LogGroup, MetricFilter
from workers.collectors.base import Collector, Response, Session, told


@Collector(fact=LogGroup, operations=("logs:DescribeLogGroups",))
def log_groups(session: Session) -> Iterator[LogGroup]:
    for raw in session.items("logs", "describe_log_groups", "logGroups"):
        yield parse_log_group(raw)


def parse_log_group(raw: Response) -> LogGroup:
    """An absent class means STANDARD, which all groups had before there were classes."""
    created = raw.get("creationTime")
    return LogGroup(
        name=raw["logGroupName"],
        arn=told(raw, "arn", LogGroup, "logs:DescribeLogGroups"),
        log_class=raw.get("logGroupClass", "STANDARD"),
        retention_days=raw.get("retentionInDays"),
        retention_policy=raw.get("retentionPolicyName"),
        key_id=raw.get("kmsKeyId"),
        created_at=None if created is None else datetime.fromtimestamp(created / 1000, UTC),
        metric_filters=raw.get("metricFilterCount", 0),
        is_deletion_protected=raw.get("deletionProtectionEnabled", False),
        data_protection=raw.get("dataProtectionStatus"),
        stored_bytes=raw.get("storedBytes"),
    )


@Collector(fact=MetricFilter, operations=("logs:DescribeLogGroups", "logs:DescribeMetricFilters"))
def metric_filters(session: Session) -> Iterator[MetricFilter]:
    """Each belongs to a log group; without any there is nothing to ask for."""
    if not any(session.items("logs", "describe_log_groups", "logGroups")):
        return
    for raw in session.items("logs", "describe_metric_filters", "metricFilters"):
        yield parse_metric_filter(raw)


def parse_metric_filter(raw: Response) -> MetricFilter:
    """An empty pattern selects everything, an absent one is not told."""
    metrics = raw.get("metricTransformations") or ()
    return MetricFilter(
        log_group=raw.get("logGroupName", ""),
        name=raw.get("filterName", ""),
        pattern=told(raw, "filterPattern", MetricFilter, "logs:DescribeMetricFilters"),
        metrics=tuple(
            FilterMetric(namespace=found["metricNamespace"], name=found["metricName"])
            for found in metrics
        ),
    )
