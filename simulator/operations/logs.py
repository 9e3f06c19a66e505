"""Amazon CloudWatch Logs: log groups, in `logs.groups`, and metric filters, in `logs.filters`."""

from collections import Counter
from typing import Any

from simulator.operations.base import Call, operation

GROUPS = "logs.groups"
FILTERS = "logs.filters"


@operation("logs", "DescribeLogGroups")
def describe_log_groups(call: Call) -> dict[str, Any]:
    prefix = call.parameters.get("logGroupNamePrefix", "")
    counts = Counter(found["logGroupName"] for found in call.place.all(FILTERS))
    groups = [
        {**group, "metricFilterCount": counts[group["logGroupName"]]}
        for group in call.place.all(GROUPS)
        if group["logGroupName"].startswith(prefix)
    ]
    return call.page(
        sorted(groups, key=lambda group: str(group["logGroupName"])),
        "logGroups",
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=3,
        limit_in="limit",
        bad_token="InvalidParameterException",  # noqa: S106 - the name of an error
    )


@operation("logs", "DescribeMetricFilters")
def describe_metric_filters(call: Call) -> dict[str, Any]:
    group = call.parameters.get("logGroupName")
    filters = [f for f in call.place.all(FILTERS) if group in (None, f["logGroupName"])]
    return call.page(
        sorted(filters, key=lambda found: (str(found["logGroupName"]), str(found["filterName"]))),
        "metricFilters",
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=10,
        limit_in="limit",
        bad_token="InvalidParameterException",  # noqa: S106 - the name of an error
    )
