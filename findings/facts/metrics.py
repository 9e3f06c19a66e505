"""Facts of CloudWatch metrics that workloads publish themselves."""

from __future__ import annotations

from findings.facts.base import Fact


class MetricNamespace(
    Fact, kind="cloudwatch.metric_namespace", identity=("name",), volatile=("metrics",)
):
    """A namespace of custom metrics, and how many of its metrics got data in three hours."""

    name: str
    metrics: int
