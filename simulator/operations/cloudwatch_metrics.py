"""Amazon CloudWatch: which metrics there are. Those with `_is_quiet` got no data lately."""

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
    return call.page(found, "Metrics", size=3)
