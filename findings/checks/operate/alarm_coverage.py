"""O3: what production depends on has alarms."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    Status,
    all_of,
    any_of,
    at_least,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import PRODUCTION, Names, Percent
from findings.checks.production import is_production
from findings.facts.base import Facts, Scope, not_told
from findings.facts.cloudwatch import Alarm
from findings.facts.lambda_ import Function
from findings.facts.tagging import TaggedResource, tags_of

Dimensions = Mapping[str, str]

BALANCERS = {"app": "AWS/ApplicationELB", "net": "AWS/NetworkELB", "gwy": "AWS/GatewayELB"}
NAMED = {
    "lambda:function": ("AWS/Lambda", "FunctionName"),
    "rds:db": ("AWS/RDS", "DBInstanceIdentifier"),
    "dynamodb:table": ("AWS/DynamoDB", "TableName"),
    "sqs:queue": ("AWS/SQS", "QueueName"),
}
"""Types whose metrics name a thing by the last part of its ARN."""
TYPES = (*NAMED, "elasticloadbalancing:loadbalancer", "states:stateMachine", "ecs:service")

_NAME = r'"[^"]*"|[\w/.]+'
_QUERY = re.compile(
    rf"\bFROM\s+(?:SCHEMA\s*\(\s*(?P<schema>{_NAME})(?P<labels>[^)]*)\)|(?P<namespace>{_NAME}))"
    r"(?:\s+WHERE\s+(?P<filter>.*?))?\s*(?:\bGROUP\s+BY\b.*|\bORDER\s+BY\b.*|\bLIMIT\b.*)?$",
    re.IGNORECASE | re.DOTALL,
)
_EQUALS = re.compile(r"""(?P<label>(?:tag\.)?(?:"[^"]*"|[\w.]+))\s*=\s*'(?P<value>[^']*)'""")
_NOT_UNDERSTOOD = not_told(Alarm.kind, "cloudwatch:DescribeAlarms", "query")
_AND = re.compile(r"\s+AND\s+", re.IGNORECASE)


@dataclass(frozen=True)
class ResourceTypes(Names):
    """A list of the types of which it is known how metrics name their resources."""

    def parse(self, value: Any) -> tuple[str, ...]:
        names = super().parse(value)
        if not set(names) <= set(TYPES):
            raise self.refuse(value, f"a list of {', '.join(TYPES)}")
        return names


@dataclass(frozen=True)
class Subject:
    """A resource as metrics name it."""

    type: str
    namespace: str
    dimensions: Dimensions
    tags: Mapping[str, str]
    account: str


@Check(
    title="Alarm on every critical resource type",
    row=Row.MONITORING,
    scope=Scope.REGION,
    needs=(TaggedResource, Alarm, Function),
    severity=Severity.HIGH,
    best_practices=("OPS04-BP04", "OPS08-BP04"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(
        ResourceTypes("critical_types", TYPES),
        Percent("min_percent", 80),
        PRODUCTION,
    ),
    not_applicable_when="No function, and no tagged resource of critical_types, of the region is in"
    " production.",
    alternatives=(Tool.MONITORING,),
    remediation="Add the usual alarms of the type to the template of the service, or one alarm on a"
    " metric query over all resources of the type.",
    cli=(
        "aws cloudwatch put-metric-alarm --alarm-name ALARM --namespace AWS/Lambda"
        " --metric-name Errors --dimensions Name=FunctionName,Value=FUNCTION"
        " --statistic Sum --period 300 --evaluation-periods 1 --threshold 0"
        " --comparison-operator GreaterThanThreshold --treat-missing-data notBreaching"
        " --alarm-actions TOPIC_ARN",
    ),
)
def cloudwatch_alarm_coverage_critical_resources(facts: Facts, context: Context) -> Outcome:
    critical = dict(_critical(facts, context))
    if not critical:
        return not_applicable("no critical resource of the region is in production")
    watched, queries = _dimensions(facts), _queries(facts)
    outcomes = {
        arn: any_of(
            part("alarm", partial(_is_watched, subject, watched)),
            part("query", partial(_is_queried, subject, queries)),
        )
        for arn, subject in critical.items()
    }
    wanted = math.ceil(len(critical) * context.min_percent / 100)
    found = at_least(wanted, outcomes.values(), lambda one: one)
    if found.status is Status.UNKNOWN:
        return found
    without = sorted(arn for arn, one in outcomes.items() if one.status is Status.FAIL)
    return replace(found, message=_told(len(critical), without), parts=())


def _told(count: int, without: list[str]) -> str:
    if not without:
        return f"all {count} critical resources have alarms"
    some, others = ", ".join(without[:5]), without[5:]
    more = f" and {len(others)} more" if others else ""
    return f"{len(without)} of {count} critical resources have none: {some}{more}"


def _critical(facts: Facts, context: Context) -> Iterator[tuple[str, Subject]]:
    """Functions are known without tags too; replicas of Lambda@Edge report elsewhere."""
    tagged = facts.of(TaggedResource)
    functions = {f.arn: f.edge_function_arn is not None for f in facts.of(Function)}
    for arn in sorted({*functions, *(resource.arn for resource in tagged)}):
        subject = subject_of(arn, tags_of(tagged, arn))
        is_replica = functions.get(arn, False)
        if subject is None or subject.type not in context.critical_types or is_replica:
            continue
        if is_production(arn, facts, context):
            yield arn, subject


def subject_of(arn: str, tags: Mapping[str, str]) -> Subject | None:
    """How metrics name the resource; None for types that are not critical."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    service, account, resource = parts[2], parts[4], parts[5]
    path = re.split("[:/]", resource)
    type_ = "sqs:queue" if service == "sqs" else f"{service}:{path[0]}"
    if type_ in NAMED:
        namespace, dimension = NAMED[type_]
        return Subject(type_, namespace, {dimension: path[-1]}, tags, account)
    if type_ == "states:stateMachine":
        return Subject(type_, "AWS/States", {"StateMachineArn": arn}, tags, account)
    if type_ == "ecs:service":
        names = dict(zip(("ServiceName", "ClusterName"), reversed(path[1:]), strict=False))
        return Subject(type_, "AWS/ECS", names, tags, account)
    if type_ == "elasticloadbalancing:loadbalancer":
        name = resource.partition("/")[2]
        if path[1] in BALANCERS:
            return Subject(type_, BALANCERS[path[1]], {"LoadBalancer": name}, tags, account)
        return Subject(type_, "AWS/ELB", {"LoadBalancerName": name}, tags, account)
    return None


def _dimensions(facts: Facts) -> Mapping[tuple[str, str], list[Dimensions]]:
    """The dimensions of all metrics of this account that alarms watch, by each of them."""
    found: dict[tuple[str, str], list[Dimensions]] = defaultdict(list)
    for alarm in facts.of(Alarm):
        for metric in alarm.metrics:
            if metric.account in (None, facts.place.account):
                for item in metric.dimensions.items():
                    found[item].append(metric.dimensions)
    return found


def _queries(facts: Facts) -> list[str]:
    """The queries of CloudWatch Metrics Insights that alarms watch.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
    """
    expressions = [text.strip() for alarm in facts.of(Alarm) for text in alarm.expressions]
    return [text for text in expressions if text.upper().startswith("SELECT")]


def _is_watched(subject: Subject, watched: Mapping[tuple[str, str], list[Dimensions]]) -> bool:
    wanted = subject.dimensions.items()
    return any(wanted <= dimensions.items() for dimensions in watched.get(min(wanted), ()))


def _is_queried(subject: Subject, queries: list[str]) -> Outcome:
    return any_of(queries, partial(_is_selected, subject))


def _is_selected(subject: Subject, text: str) -> Outcome:
    """Without labels in its schema a query takes the metrics of the namespace with any."""
    query = _QUERY.search(text)
    if query is None:
        return unknown(_NOT_UNDERSTOOD)
    namespace = (query["schema"] or query["namespace"]).strip('"')
    labels = [label.strip(' \n"') for label in (query["labels"] or "").split(",") if label.strip()]
    if namespace != subject.namespace:
        return failed("another namespace")
    if labels and not set(subject.dimensions) <= set(labels):
        return failed("sums over all resources")
    if query["filter"] is None:
        return passed()
    terms = _AND.split(query["filter"].strip())
    return all_of(*(part(term, partial(_is_met, subject, term)) for term in terms))


def _is_met(subject: Subject, term: str) -> Outcome:
    """One term of a filter; a label that the resource itself does not have only narrows it."""
    equality = _EQUALS.fullmatch(term)
    if equality is None:
        return unknown(_NOT_UNDERSTOOD)
    label, value = equality["label"].replace('"', ""), equality["value"]
    if label.startswith("tag."):
        return outcome(subject.tags.get(label.removeprefix("tag.")) == value)
    own = {**subject.dimensions, "AWS.AccountId": subject.account}
    return outcome(own.get(label, value) == value)
