"""Facts of CloudWatch Logs."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, NotCollected, Record, not_told
from findings.facts.filter_patterns import Event, NotUnderstood, selects


class LogGroup(Fact, kind="logs.log_group", identity=("name",), volatile=("stored_bytes",)):
    """A log group; without ``retention_days`` it keeps its events for ever.

    ``log_class`` is STANDARD, INFREQUENT_ACCESS, DELIVERY or ESSENTIALS.
    """

    name: str
    arn: str
    log_class: str
    retention_days: int | None
    retention_policy: str | None
    key_id: str | None
    created_at: datetime | None
    metric_filters: int
    is_deletion_protected: bool
    data_protection: str | None
    stored_bytes: int | None


class FilterMetric(Record):
    """A metric that counts what a filter selects."""

    namespace: str
    name: str


class MetricFilter(Fact, kind="logs.metric_filter", identity=("log_group", "name")):
    """A metric filter of a log group, with its pattern as it is written."""

    log_group: str
    name: str
    pattern: str
    metrics: tuple[FilterMetric, ...]

    def takes(self, event: Event) -> bool:
        """Whether it counts an event; raises NotCollected where its pattern is not understood."""
        try:
            return selects(self.pattern, event)
        except NotUnderstood as error:
            gap = not_told(self.kind, "logs:DescribeMetricFilters", "PatternNotUnderstood")
            raise NotCollected(gap) from error
