"""Log groups for the tables of the checks."""

from findings.facts.logs import FilterMetric, LogGroup, MetricFilter
from tests.findings.checks.cases import ACCOUNT, REGION, ago


def log_group(name="/app/orders", **fields):
    """A group that keeps its events for 30 days."""
    given = {
        "arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*",
        "log_class": "STANDARD",
        "retention_days": 30,
        "retention_policy": None,
        "key_id": None,
        "created_at": ago(days=300),
        "metric_filters": 0,
        "is_deletion_protected": False,
        "data_protection": None,
        "stored_bytes": 1024,
    }
    return LogGroup(name=name, **(given | fields))


def metric_filter(pattern, name="audit", log_group="trail", metric="Audit"):
    """A filter of a trail's log group that counts in one metric."""
    counted = FilterMetric(namespace="CloudTrailMetrics", name=metric)
    return MetricFilter(log_group=log_group, name=name, pattern=pattern, metrics=(counted,))
