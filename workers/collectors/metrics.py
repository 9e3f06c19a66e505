"""Collector of the namespaces of custom metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from findings.facts.metrics import MetricNamespace
from workers.collectors.base import Collector, Response, Session

AWS_PREFIX = "AWS/"
"""Reserved: nobody but AWS can publish under it."""


@Collector(fact=MetricNamespace, operations=("cloudwatch:ListMetrics",))
def metric_namespaces(session: Session) -> Iterator[MetricNamespace]:
    # PT3H is the only window that AWS takes. Without it metrics of the last two weeks are listed.
    metrics = session.items("cloudwatch", "list_metrics", "Metrics", RecentlyActive="PT3H")
    yield from parse_metric_namespaces(metrics)


def parse_metric_namespaces(metrics: Iterable[Response]) -> Iterator[MetricNamespace]:
    counts = Counter(metric.get("Namespace", "") for metric in metrics)
    for name, count in sorted(counts.items()):
        if name and not name.startswith(AWS_PREFIX):
            yield MetricNamespace(name=name, metrics=count)
