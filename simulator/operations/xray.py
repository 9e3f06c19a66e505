"""AWS X-Ray: the service graph, sampling rules, groups, insights and encryption of a region.

A record of `xray.services` is a node of the graph. It is seen in every window of time, or only
until its `_seen_until`; `_hourly` says how many of its requests an hour are TotalCount, Faults and
Throttles. A few more that went well move with the clock.
"""

from datetime import datetime, timedelta
from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

LONGEST = timedelta(hours=6)
INSIGHTS_KEPT = timedelta(days=30)


@operation("xray", "GetServiceGraph")
def get_service_graph(call: Call) -> dict[str, Any]:
    start, end = call.parameters["StartTime"], call.parameters["EndTime"]
    if not timedelta(0) < end - start <= LONGEST:
        raise AwsError("InvalidRequestException", "The time range must be 6 hours or less.")
    services = [
        _node(call, service, start, end)
        for service in call.place.all("xray.services")
        if _seen_until(call, service) > start
    ]
    page = call.page(services, "Services", size=8, bad_token="InvalidRequestException")  # noqa: S106 - the name of an error
    return {"StartTime": start, "EndTime": end, "ContainsOldGroupVersions": False, **page}


def _seen_until(call: Call, service: dict[str, Any]) -> datetime:
    seen: datetime = service.get("_seen_until") or call.place.clock()
    return seen


def _node(call: Call, service: dict[str, Any], start: datetime, end: datetime) -> dict[str, Any]:
    hours = (end - start) / timedelta(hours=1)
    counts = {name: round(count * hours) for name, count in service["_hourly"].items()}
    counts["TotalCount"] += call.place.clock().second % 3
    statistics = {
        "OkCount": counts["TotalCount"] - counts["Faults"] - counts["Throttles"],
        "ErrorStatistics": {
            "ThrottleCount": counts["Throttles"],
            "OtherCount": 0,
            "TotalCount": counts["Throttles"],
        },
        "FaultStatistics": {"OtherCount": counts["Faults"], "TotalCount": counts["Faults"]},
        "TotalCount": counts["TotalCount"],
        "TotalResponseTime": 0.2 * counts["TotalCount"],
    }
    seen = {"StartTime": start, "EndTime": min(end, _seen_until(call, service))}
    known = {"SummaryStatistics": statistics} if service["Type"] != "client" else {}
    return {**service, **seen, **known}


@operation("xray", "GetSamplingRules")
def get_sampling_rules(call: Call) -> dict[str, Any]:
    return call.page(call.place.all("xray.sampling_rules"), "SamplingRuleRecords", size=2)


@operation("xray", "GetSamplingStatisticSummaries")
def get_sampling_statistic_summaries(call: Call) -> dict[str, Any]:
    """Rules with `_requests`, of the last quarter of an hour; AWS forgets after a while."""
    summaries = [
        {
            "RuleName": record["SamplingRule"]["RuleName"],
            "Timestamp": call.place.clock() - timedelta(minutes=minutes),
            "RequestCount": record["_requests"],
            "BorrowCount": 0,
            "SampledCount": record["_requests"] // 2,
        }
        for record in call.place.all("xray.sampling_rules")
        if record.get("_requests") is not None
        for minutes in (5, 15)
    ]
    return call.page(summaries, "SamplingStatisticSummaries", size=2)


@operation("xray", "GetGroups")
def get_groups(call: Call) -> dict[str, Any]:
    return call.page(call.place.all("xray.groups"), "Groups", size=2)


@operation("xray", "GetInsightSummaries")
def get_insight_summaries(call: Call) -> dict[str, Any]:
    """Insights of a group that began in the time asked for; of 30 days at most."""
    start, end = call.parameters["StartTime"], call.parameters["EndTime"]
    if call.place.clock() - start > INSIGHTS_KEPT:
        raise AwsError("InvalidRequestException", "The start time is more than 30 days ago.")
    states = call.parameters.get("States") or ("ACTIVE", "CLOSED")
    found = [
        insight
        for insight in call.place.all("xray.insights")
        if insight["GroupName"] == call.parameters.get("GroupName")
        and _state(call, insight) in states
        and start <= insight.get("StartTime", start) <= end
    ]
    return call.page(found, "InsightSummaries", size=1, bad_token="InvalidRequestException")  # noqa: S106 - the name of an error


def _state(call: Call, insight: dict[str, Any]) -> str:
    """An insight with `_closed_at` is closed after that."""
    closed_at = insight.get("_closed_at")
    is_closed = closed_at is not None and call.place.clock() > closed_at
    return "CLOSED" if is_closed else str(insight["State"])


@operation("xray", "GetEncryptionConfig")
def get_encryption_config(call: Call) -> dict[str, Any]:
    """A region that was never configured is encrypted by X-Ray itself."""
    configured = call.place.all("xray.encryption")
    default = {"Type": "NONE", "Status": "ACTIVE"}
    return {"EncryptionConfig": configured[0] if configured else default}
