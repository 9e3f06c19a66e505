"""O4: requests are followed across services."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    any_of,
    at_least,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
)
from findings.checks.parameters import PRODUCTION, Count, Days, HoursOfDay, Names, Share
from findings.checks.production import is_production
from findings.facts.base import Facts, Listing, Scope
from findings.facts.lambda_ import Function
from findings.facts.tagging import TaggedResource
from findings.facts.xray import SamplingRule, SamplingRuleUse, TracedService, TraceGroup

OTEL_LAYERS = ("AWSOpenTelemetryDistro*", "aws-otel-*")


@Check(
    title="Trace every production function",
    row=Row.TRACING,
    resource=Function,
    needs=(TaggedResource,),
    severity=Severity.MEDIUM,
    best_practices=("OPS04-BP05", "OPS04-BP04"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Names("otel_layers", OTEL_LAYERS), PRODUCTION),
    not_applicable_when="The function is not in production, or is a replica of Lambda@Edge.",
    alternatives=(Tool.TRACING,),
    remediation="Set TracingConfig to Active where the function is declared and let its role write"
    " to X-Ray, or add a layer of the AWS Distro for OpenTelemetry.",
    cli=(
        "aws lambda update-function-configuration --function-name FUNCTION"
        " --tracing-config Mode=Active",
    ),
)
def lambda_tracing_active(function: Function, facts: Facts, context: Context) -> Outcome:
    if function.edge_function_arn is not None:
        return not_applicable("it is a replica that Lambda@Edge made")
    if not is_production(function.arn, facts, context):
        return not_applicable("it is not in production")
    return any_of(
        part("active tracing", lambda: function.tracing_mode == "Active"),
        part("OpenTelemetry layer", lambda: _has_layer(function, context.otel_layers)),
    )


def _has_layer(function: Function, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(layer, pattern) for layer in function.layers for pattern in patterns)


@Check(
    title="Receive traces from every region that runs traced workloads",
    row=Row.TRACING,
    scope=Scope.REGION,
    needs=(TracedService, Function),
    severity=Severity.HIGH,
    best_practices=("OPS08-BP03",),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(HoursOfDay("max_age_hours", 24),),
    not_applicable_when="Nothing in the region has tracing on, and no trace arrived for 24 hours,"
    " or for six where nothing stands that could send one.",
    alternatives=(Tool.TRACING,),
    remediation="Look whether the silent workload is called at all, then check that its role may"
    " call xray:PutTraceSegments and that its collector or daemon reaches the X-Ray endpoint.",
    cli=("aws xray get-service-graph --start-time START --end-time END",),
)
def xray_traces_received_recently(facts: Facts, context: Context) -> Outcome:
    seen = [service.last_seen_at for service in _own_services(facts)]
    newest = max((at for at in seen if at is not None), default=None)
    if newest is not None:
        told = f"the newest trace is of {newest:%Y-%m-%d %H:%M} UTC"
        return outcome(context.within(newest, hours=context.max_age_hours), told)
    if any(function.tracing_mode == "Active" for function in facts.of(Function)):
        return failed("functions have tracing on, but no trace arrived in 24 hours")
    return not_applicable("nothing has tracing on")


def _own_services(facts: Facts) -> list[TracedService]:
    """Services of this account: a monitoring account also sees those of the accounts it watches."""
    return [s for s in facts.of(TracedService) if s.owner == facts.place.account]


@Check(
    title="Define sampling rules instead of relying on the default",
    row=Row.TRACING,
    scope=Scope.REGION,
    needs=(TracedService, SamplingRule, SamplingRuleUse),
    severity=Severity.LOW,
    best_practices=("OPS04-BP05", "OPS08-BP03"),
    principles=(Principle.REFINE_PROCEDURES,),
    parameters=(Days("max_unused_days", 30), Share("max_fixed_rate", 0.5)),
    not_applicable_when="No trace arrived in the region for 24 hours, or for six where nothing"
    " stands that could send one.",
    remediation="Declare an AWS::XRay::SamplingRule per critical path with a small reservoir and a"
    " modest rate, and remove rules that no request matches.",
    cli=(
        "aws xray create-sampling-rule --sampling-rule file://rule.json",
        "aws xray delete-sampling-rule --rule-name RULE",
    ),
)
def xray_sampling_rules_tuned(facts: Facts, context: Context) -> Outcome:
    if not _own_services(facts):
        return not_applicable("the region has no traces")
    rules, uses = facts.of(SamplingRule), facts.of(SamplingRuleUse)
    return all_of(
        part("own rule", lambda: any(not rule.is_default for rule in rules)),
        part("every rule samples", lambda: every(rules, _samples)),
        part("modest rate", lambda: every(rules, lambda r: _is_modest(r, context.max_fixed_rate))),
        part("no unused rule", lambda: every(rules, lambda r: _is_used(r, uses, context))),
    )


def _samples(rule: SamplingRule) -> Outcome:
    return outcome(rule.fixed_rate > 0 or rule.reservoir > 0, f"{rule.name} samples nothing")


def _is_modest(rule: SamplingRule, limit: float) -> Outcome:
    return outcome(rule.fixed_rate <= limit, f"{rule.name} samples {rule.fixed_rate:.0%}")


def _is_used(rule: SamplingRule, uses: Listing[SamplingRuleUse], context: Context) -> Outcome:
    if rule.is_default:
        return passed("AWS made it")
    return any_of(
        part("new", lambda: _is_new(rule, context)),
        part("used", lambda: _requests(rule, uses) > 0),
        message=f"{rule.name} matched no request in an hour",
    )


def _is_new(rule: SamplingRule, context: Context) -> bool:
    created = rule.created_at
    return created is not None and context.within(created, days=context.max_unused_days)


def _requests(rule: SamplingRule, uses: Listing[SamplingRuleUse]) -> int:
    use = uses.get(rule.name)
    return use.requests_last_hour if use is not None else 0


@Check(
    title="Define trace groups with insights and notifications",
    row=Row.TRACING,
    scope=Scope.REGION,
    needs=(TracedService, TraceGroup),
    severity=Severity.LOW,
    best_practices=("OPS08-BP03", "OPS08-BP04"),
    principles=(
        Principle.MANAGED_SERVICES_AND_OBSERVABILITY,
        Principle.ANTICIPATE_FAILURE,
    ),
    parameters=(Count("min_groups", 1),),
    not_applicable_when="No trace arrived in the region for 24 hours, or for six where nothing"
    " stands that could send one.",
    alternatives=(Tool.TRACING,),
    remediation="Create an X-Ray group per critical service with a filter expression, turn on its"
    " insights and their notifications, and route the events in EventBridge.",
    cli=(
        "aws xray update-group --group-name GROUP"
        " --insights-configuration InsightsEnabled=true,NotificationsEnabled=true",
    ),
)
def xray_groups_with_insights(facts: Facts, context: Context) -> Outcome:
    if not _own_services(facts):
        return not_applicable("the region has no traces")
    return at_least(context.min_groups, facts.of(TraceGroup), _is_watched)


def _is_watched(group: TraceGroup) -> Outcome:
    return all_of(
        part("own group", lambda: not group.is_default),
        part("filter", lambda: group.filter_expression is not None),
        part("insights", lambda: group.has_insights),
        part("notifications", lambda: group.notifies),
    )
