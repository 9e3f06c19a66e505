"""E3: measurements guide improvement."""

from __future__ import annotations

import math
from collections.abc import Sequence

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import (
    PRODUCTION,
    Count,
    Days,
    DaysOfMonth,
    HoursOfDay,
    Names,
    Percent,
)
from findings.facts.base import Facts, Gap, GapReason, Scope, not_supplied
from findings.facts.cloudwatch import Alarm, AlarmTransitions
from findings.facts.metrics import MetricNamespace
from findings.facts.xray import SLICE_HOURS, TracedService, Traffic

AGENT_NAMESPACES = (
    "CWAgent",
    "ECS/ContainerInsights",
    "ContainerInsights",
    "LambdaInsights",
    "ECS/ContainerInsights/Prometheus",
    "ContainerInsights/Prometheus",
    "ApplicationSignals",
    "CloudWatchSynthetics",
    "CloudTrailMetrics",
    "Glue",
    "AmazonMWAA",
)
"""Namespaces without the prefix AWS/ that agents and AWS services publish by themselves."""


@Check(
    title="Keep trace fault and error rates within budget",
    row=Row.FEEDBACK,
    scope=Scope.REGION,
    needs=(TracedService,),
    severity=Severity.HIGH,
    best_practices=("OPS08-BP03", "OPS11-BP06"),
    principles=(Principle.ANTICIPATE_FAILURE, Principle.REFINE_PROCEDURES),
    parameters=(
        HoursOfDay("window_hours", 24),
        Percent("max_fault_percent", 1),
        Percent("max_throttle_percent", 1),
        Count("min_requests", 100),
    ),
    not_applicable_when="No service of the region got min_requests traced requests.",
    remediation="Open the service in the trace map, read the exceptions of its worst edge, and put"
    " the fix into the backlog with an alarm on the fault rate.",
    cli=(
        "aws xray get-trace-summaries --start-time START --end-time END --filter-expression fault",
    ),
)
def xray_service_fault_rate_within_budget(facts: Facts, context: Context) -> Outcome:
    slices = math.ceil(context.window_hours / SLICE_HOURS)
    services = [
        service
        for service in facts.of(TracedService)
        if service.owner == facts.place.account
        and service.type != "client"
        and _total(service.traffic[:slices]).requests >= context.min_requests
    ]
    if not services:
        return not_applicable("no service got enough traced requests")
    return every(services, lambda service: _is_within_budget(service, slices, context))


def _is_within_budget(service: TracedService, slices: int, context: Context) -> Outcome:
    now = _total(service.traffic[:slices])
    before = _total(service.traffic[slices : 2 * slices])
    found = all_of(
        part("faults", lambda: 100 * now.faults <= context.max_fault_percent * now.requests),
        part(
            "throttles", lambda: 100 * now.throttles <= context.max_throttle_percent * now.requests
        ),
    )
    trend = " (worse than before)" if _share(now) > _share(before) else ""
    told = (
        f"{service.name}{trend}: {_percent(now.faults, now)} of requests faulted,"
        f" {_percent(now.throttles, now)} were throttled"
    )
    return Outcome(found.status, told, found.parts, found.gaps)


def _total(traffic: Sequence[Traffic]) -> Traffic:
    return Traffic(
        requests=sum(part.requests for part in traffic),
        errors=sum(part.errors for part in traffic),
        throttles=sum(part.throttles for part in traffic),
        faults=sum(part.faults for part in traffic),
    )


def _share(traffic: Traffic) -> float:
    return (traffic.faults + traffic.throttles) / max(traffic.requests, 1)


def _percent(count: int, traffic: Traffic) -> str:
    """In whole percent: the counts move at every scan, the message should not."""
    return f"{count / max(traffic.requests, 1):.0%}"


@Check(
    title="Retune alarms that flap",
    row=Row.FEEDBACK,
    resource=Alarm,
    needs=(AlarmTransitions,),
    severity=Severity.MEDIUM,
    best_practices=("OPS08-BP04", "OPS11-BP06"),
    principles=(Principle.REFINE_PROCEDURES,),
    parameters=(DaysOfMonth("window_days", 14), Count("max_per_day", 4)),
    not_applicable_when="The alarm does nothing but drive scaling.",
    remediation="Raise EvaluationPeriods or DatapointsToAlarm of the alarm, or let it watch an"
    " anomaly band instead of a fixed threshold.",
    cli=(
        "aws cloudwatch describe-alarm-history --alarm-name ALARM --history-item-type StateUpdate",
    ),
)
def cloudwatch_alarm_flapping_bounded(alarm: Alarm, facts: Facts, context: Context) -> Outcome:
    if alarm.is_scaling_only:
        return not_applicable("it does nothing but drive scaling")
    transitions = facts.of(AlarmTransitions).get(alarm.name)
    if transitions is None:
        return unknown(not_supplied(AlarmTransitions.kind))
    days = context.window_days
    count = sum(context.within(at, days=days) for at in transitions.alarmed_at)
    return outcome(
        count <= context.max_per_day * days, f"went into ALARM {count} times in {days:g} days"
    )


@Check(
    title="Review alarm thresholds every review period",
    row=Row.FEEDBACK,
    resource=Alarm,
    severity=Severity.LOW,
    best_practices=("OPS11-BP07", "OPS09-BP03"),
    principles=(Principle.REFINE_PROCEDURES,),
    parameters=(Days("max_age_days", 365),),
    not_applicable_when="The alarm does nothing but drive scaling.",
    remediation="Review the alarm's threshold, periods and actions against what happened since, and"
    " update the alarm where it is declared.",
    cli=(
        "aws cloudwatch describe-alarms --alarm-names ALARM",
        "aws cloudwatch describe-alarm-history --alarm-name ALARM --history-item-type StateUpdate",
    ),
)
def cloudwatch_alarm_reviewed(alarm: Alarm, facts: Facts, context: Context) -> Outcome:
    if alarm.is_scaling_only:
        return not_applicable("it does nothing but drive scaling")
    configured = alarm.configured_at
    if configured is None:
        operation = "cloudwatch:DescribeAlarms"
        return unknown(Gap(kind=Alarm.kind, reason=GapReason.NOT_IN_SCHEMA, operation=operation))
    return outcome(
        context.within(configured, days=context.max_age_days),
        f"last configured {configured:%Y-%m-%d}",
    )


@Check(
    title="Publish business or workload KPIs as custom metrics",
    row=Row.FEEDBACK,
    scope=Scope.ACCOUNT,
    needs=(MetricNamespace,),
    severity=Severity.LOW,
    best_practices=("OPS04-BP01", "OPS11-BP05"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(
        Count("min_metrics", 1),
        Names("agent_namespaces", AGENT_NAMESPACES),
        PRODUCTION,
    ),
    not_applicable_when="The account is not in production.",
    alternatives=(Tool.MONITORING,),
    remediation="Let the workload write its key figures with the embedded metric format into a"
    " namespace of its own, and alarm on them.",
    cli=(
        "aws cloudwatch put-metric-data --namespace WORKLOAD"
        " --metric-data MetricName=ORDERS,Unit=Count,Value=1",
        "aws cloudwatch list-metrics --namespace WORKLOAD --recently-active PT3H",
    ),
)
def cloudwatch_business_kpi_published(facts: Facts, context: Context) -> Outcome:
    if not context.is_production(context.account.tags):
        return not_applicable("the account is not in production")
    found = 0
    for namespace in facts.of(MetricNamespace):
        if namespace.name not in context.agent_namespaces:
            found += namespace.metrics
            if found >= context.min_metrics:
                return passed(f"in {namespace.name}")
    return failed(f"{found} own metrics got data in three hours, {context.min_metrics:g} expected")
