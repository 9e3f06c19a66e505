"""Amazon CloudWatch: which metrics there are, and their data.

Metrics with `_is_quiet` got no data lately. A record of `cloudwatch.metric_data` has the values of
its `Dimensions` in order, and as `_hourly` what is counted every hour.
"""

from datetime import datetime, timedelta
from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation


@operation("cloudwatch", "ListMetrics")
def list_metrics(call: Call) -> dict[str, Any]:
    lately = call.parameters.get("RecentlyActive")
    if lately not in (None, "PT3H"):
        raise AwsError("InvalidParameterValue", "RecentlyActive takes PT3H only.")
    namespace = call.parameters.get("Namespace")
    found = [
        metric
        for metric in call.place.all("cloudwatch.metrics")
        if namespace in (None, metric["Namespace"]) and not (lately and metric.get("_is_quiet"))
    ]
    return call.page(found, "Metrics", size=5)


@operation("cloudwatch", "GetMetricData")
def get_metric_data(call: Call) -> dict[str, Any]:
    """Every full period of the time asked for; nothing for a metric that nobody counts."""
    results = [_result(call, query) for query in call.parameters["MetricDataQueries"]]
    return call.page(results, "MetricDataResults", size=3)


def _result(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    metric, period = query["MetricStat"]["Metric"], query["MetricStat"]["Period"]
    found = call.place.find(
        "cloudwatch.metric_data",
        Namespace=metric["Namespace"],
        Dimensions=[one["Value"] for one in metric["Dimensions"]],
    )
    times = _periods(call.parameters, timedelta(seconds=period)) if found else []
    return {
        "Id": query["Id"],
        "Label": metric["MetricName"],
        "Timestamps": times,
        "Values": [found["_hourly"] * period / 3600 for _ in times] if found else [],
        "StatusCode": "Complete",
    }


def _periods(parameters: dict[str, Any], period: timedelta) -> list[datetime]:
    start, end = parameters["StartTime"], parameters["EndTime"]
    return [start + number * period for number in range((end - start) // period)]
