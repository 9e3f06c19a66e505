"""Collectors of X-Ray: the service graph, sampling rules, groups, insights and encryption."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from findings.facts.base import Gap, not_told
from findings.facts.xray import (
    SLICE_HOURS,
    ActiveInsights,
    Insight,
    SamplingRule,
    SamplingRuleUse,
    TracedService,
    TraceEncryption,
    TraceGroup,
    Traffic,
)
from workers.collectors.base import Collector, Response, Session, is_without, pick, told
from workers.collectors.paging import Items, detail_items
from workers.collectors.workloads import OPERATIONS as WORKLOADS
from workers.collectors.workloads import is_idle

SLICE = timedelta(hours=SLICE_HOURS)
SLICES_OF_A_DAY = 4
GET_GRAPH, GET_RULES = "xray:GetServiceGraph", "xray:GetSamplingRules"
GET_ENCRYPTION = "xray:GetEncryptionConfig"
GET_INSIGHTS = "xray:GetInsightSummaries"
STATISTICS_WINDOW = timedelta(hours=1)
INSIGHTS_WINDOW = timedelta(days=30)
INSIGHTS_MARGIN = timedelta(hours=1)
"""AWS refuses a time that is more than 30 days ago when the call arrives."""


@Collector(fact=TracedService, operations=(GET_GRAPH,), gates=WORKLOADS)
def traced_services(session: Session) -> Iterator[TracedService]:
    """Of a day; of its newest slice alone where that is empty and nothing stands in the region."""
    newest = _graph(session, 0)
    if not newest and is_idle(session):
        return
    slices = [newest, *(_graph(session, number) for number in range(1, SLICES_OF_A_DAY))]
    if any(slices):
        # The day before is read to compare with; where nothing is traced it costs no call.
        before = range(SLICES_OF_A_DAY, 2 * SLICES_OF_A_DAY)
        slices += [_graph(session, number) for number in before]
    yield from parse_traced_services(slices, session.account)


def _graph(session: Session, number: int) -> list[Response]:
    end = session.now - number * SLICE
    return list(
        session.items("xray", "get_service_graph", "Services", StartTime=end - SLICE, EndTime=end)
    )


def parse_traced_services(
    slices: Sequence[Iterable[Response]], account: str
) -> Iterator[TracedService]:
    """Services of several slices of time, newest first; a node without account is of this one."""
    traffic: dict[tuple[str, str, str], list[Traffic]] = {}
    seen: dict[tuple[str, str, str], datetime] = {}
    names: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for number, services in enumerate(slices):
        for raw in services:
            key = (raw.get("AccountId") or account, raw.get("Type") or "", raw.get("Name") or "")
            found = traffic.setdefault(key, [_NO_TRAFFIC] * len(slices))
            found[number] = _sum(found[number], raw.get("SummaryStatistics") or {})
            names[key] |= {key[2], *(raw.get("Names") or ())}
            if raw.get("EndTime"):
                seen[key] = max(raw["EndTime"], seen.get(key, raw["EndTime"]))
    for key, parts in sorted(traffic.items()):
        owner, type_, name = key
        yield TracedService(
            owner=owner,
            type=type_,
            name=name,
            names=tuple(sorted(names[key])),
            last_seen_at=seen.get(key),
            traffic=tuple(parts),
        )


_NO_TRAFFIC = Traffic(requests=0, errors=0, throttles=0, faults=0)


def _sum(traffic: Traffic, statistics: Response) -> Traffic:
    """A node can be listed twice in one graph: once per version of its group."""
    return Traffic(
        requests=traffic.requests + pick(statistics, "TotalCount", default=0),
        errors=traffic.errors + pick(statistics, "ErrorStatistics", "TotalCount", default=0),
        throttles=traffic.throttles
        + pick(statistics, "ErrorStatistics", "ThrottleCount", default=0),
        faults=traffic.faults + pick(statistics, "FaultStatistics", "TotalCount", default=0),
    )


def _own_services(session: Session) -> Iterator[TracedService]:
    """A monitoring account also sees the services of the accounts it watches."""
    return (found for found in traced_services(session) if found.owner == session.account)


@Collector(fact=SamplingRule, operations=(GET_RULES, GET_GRAPH), gates=WORKLOADS)
def sampling_rules(session: Session) -> Iterator[SamplingRule]:
    """Where nothing of the account is traced, no rule has anything to sample."""
    if is_without(session, _own_services):
        return
    for record in _rule_records(session):
        yield parse_sampling_rule(record)


@Collector(
    fact=SamplingRuleUse,
    operations=(GET_RULES, GET_GRAPH, "xray:GetSamplingStatisticSummaries"),
    gates=WORKLOADS,
)
def sampling_rule_uses(session: Session) -> Iterator[SamplingRuleUse]:
    if is_without(session, _own_services):
        return
    names = [record["SamplingRule"]["RuleName"] for record in _rule_records(session)]
    if not names:
        return
    statistics = session.items(
        "xray", "get_sampling_statistic_summaries", "SamplingStatisticSummaries"
    )
    yield from parse_sampling_rule_uses(names, statistics, session.now - STATISTICS_WINDOW)


def _rule_records(session: Session) -> list[Response]:
    records = session.items("xray", "get_sampling_rules", "SamplingRuleRecords")
    return [record for record in records if pick(record, "SamplingRule", "RuleName")]


def parse_sampling_rule(record: Response) -> SamplingRule:
    rule: dict[str, Any] = record["SamplingRule"]
    return SamplingRule(
        name=rule["RuleName"],
        priority=rule.get("Priority"),
        fixed_rate=rule["FixedRate"],
        reservoir=rule["ReservoirSize"],
        service_name=rule.get("ServiceName"),
        service_type=rule.get("ServiceType"),
        host=rule.get("Host"),
        http_method=rule.get("HTTPMethod"),
        url_path=rule.get("URLPath"),
        created_at=record.get("CreatedAt"),
        modified_at=record.get("ModifiedAt"),
    )


def parse_sampling_rule_uses(
    names: Iterable[str], statistics: Iterable[Response], since: datetime
) -> Iterator[SamplingRuleUse]:
    """AWS tells of rules that were asked for lately; the others matched nothing."""
    counts: Counter[str] = Counter()
    for summary in statistics:
        if summary.get("Timestamp") and summary["Timestamp"] >= since:
            counts[summary.get("RuleName", "")] += summary.get("RequestCount", 0)
    for name in names:
        yield SamplingRuleUse(rule=name, requests_last_hour=counts[name])


@Collector(fact=TraceGroup, operations=("xray:GetGroups",))
def trace_groups(session: Session) -> Iterator[TraceGroup]:
    for raw in session.items("xray", "get_groups", "Groups"):
        yield parse_trace_group(raw)


def parse_trace_group(raw: Response) -> TraceGroup:
    """Insights and their notifications are off unless AWS says otherwise."""
    return TraceGroup(
        name=raw.get("GroupName", ""),
        arn=raw.get("GroupARN"),
        filter_expression=raw.get("FilterExpression") or None,
        has_insights=pick(raw, "InsightsConfiguration", "InsightsEnabled", default=False),
        notifies=pick(raw, "InsightsConfiguration", "NotificationsEnabled", default=False),
    )


@Collector(fact=ActiveInsights, operations=("xray:GetGroups", GET_INSIGHTS))
def active_insights(session: Session) -> Iterator[ActiveInsights]:
    for raw in session.items("xray", "get_groups", "Groups"):
        group = parse_trace_group(raw)
        if group.has_insights:
            yield parse_active_insights(group.name, _summaries(session, group.name))


def _summaries(session: Session, group: str) -> Items | Gap:
    if not group:
        return not_told(ActiveInsights.kind, GET_INSIGHTS)
    return detail_items(
        session,
        session.client("xray").get_insight_summaries,
        "InsightSummaries",
        GroupName=group,
        States=["ACTIVE"],
        StartTime=session.now - INSIGHTS_WINDOW + INSIGHTS_MARGIN,
        EndTime=session.now,
    )


def parse_active_insights(group: str, summaries: Items | Gap) -> ActiveInsights:
    found: Any = summaries
    if not isinstance(summaries, Gap):
        found = tuple(sorted(map(_insight, summaries), key=lambda insight: insight.id))
    return ActiveInsights(group=group, insights=found)


def _insight(raw: Response) -> Insight:
    return Insight(
        id=raw.get("InsightId", ""),
        started_at=raw.get("StartTime"),
        root_cause=pick(raw, "RootCauseServiceId", "Name"),
    )


@Collector(fact=TraceEncryption, operations=(GET_ENCRYPTION, GET_GRAPH), gates=WORKLOADS)
def trace_encryption(session: Session) -> Iterator[TraceEncryption]:
    """Where nothing of the account is traced, there is nothing to encrypt."""
    if is_without(session, _own_services):
        return
    answer = session.client("xray").get_encryption_config()
    yield parse_trace_encryption(answer, session.region)


def parse_trace_encryption(answer: Response, region: str) -> TraceEncryption:
    raw = answer.get("EncryptionConfig") or {}
    return TraceEncryption(
        region=region,
        type=told(raw, "Type", TraceEncryption, GET_ENCRYPTION),
        status=told(raw, "Status", TraceEncryption, GET_ENCRYPTION),
        kms_key=raw.get("KeyId"),
    )
