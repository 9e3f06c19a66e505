"""O3: alarms are few, understood and answered."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, any_of, not_applicable, outcome, part, passed, unknown
from findings.checks.parameters import Count, Days, Pattern
from findings.facts.base import Facts, Scope, not_told
from findings.facts.cloudwatch import Alarm, AnomalyDetector

RUNBOOK = r"(https?://|arn:aws[a-z-]*:ssm:|runbook:)"
DESCRIBED_BY = "cloudwatch:DescribeAlarms"


@Check(
    title="Resolve alarms that stay in ALARM",
    row=Row.MONITORING,
    resource=Alarm,
    severity=Severity.MEDIUM,
    best_practices=("OPS08-BP04", "OPS10-BP03"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Days("max_age_days", 3),),
    not_applicable_when="The alarm does nothing but drive scaling.",
    remediation="Fix what the alarm reports, or retune its threshold where it is declared: an alarm"
    " that nobody clears hides the next incident.",
    cli=(
        "aws cloudwatch describe-alarm-history --alarm-name ALARM --history-item-type StateUpdate",
    ),
)
def cloudwatch_alarm_not_stuck(alarm: Alarm, facts: Facts, context: Context) -> Outcome:
    if alarm.is_scaling_only:
        return not_applicable("it does nothing but drive scaling")
    if alarm.state is None:
        return unknown(not_told(Alarm.kind, DESCRIBED_BY))
    if alarm.state != "ALARM":
        return passed()
    since = alarm.in_state_since
    if since is None:
        return unknown(not_told(Alarm.kind, DESCRIBED_BY))
    told = f"in ALARM since {since:%Y-%m-%d %H:%M} UTC"
    return outcome(context.within(since, days=context.max_age_days), told)


@Check(
    title="Link each alarm to a runbook or playbook",
    row=Row.MONITORING,
    resource=Alarm,
    severity=Severity.MEDIUM,
    best_practices=("OPS10-BP02", "OPS07-BP04"),
    principles=(Principle.REFINE_PROCEDURES, Principle.ANTICIPATE_FAILURE),
    parameters=(Pattern("runbook_pattern", RUNBOOK),),
    not_applicable_when="The alarm does nothing but drive scaling, or a composite alarm is made of"
    " it.",
    remediation="Write the address of the runbook, or the ARN of its document, into the"
    " AlarmDescription where the alarm is declared.",
    cli=(
        "aws cloudwatch describe-alarms --alarm-names ALARM",
        "aws cloudwatch put-metric-alarm --alarm-name ALARM --alarm-description RUNBOOK_URL"
        " --namespace AWS/Lambda --metric-name Errors --dimensions Name=FunctionName,Value=FUNCTION"
        " --statistic Sum --period 300 --evaluation-periods 1 --threshold 0"
        " --comparison-operator GreaterThanThreshold --treat-missing-data notBreaching"
        " --alarm-actions TOPIC_ARN",
    ),
)
def cloudwatch_alarm_links_runbook(alarm: Alarm, facts: Facts, context: Context) -> Outcome:
    if alarm.is_scaling_only:
        return not_applicable("it does nothing but drive scaling")
    if any(alarm.name in other.children for other in facts.of(Alarm)):
        return not_applicable("a composite alarm is made of it")
    linked = context.runbook_pattern.search(alarm.description or "") is not None
    return outcome(linked, "" if linked else "its description names no runbook")


@Check(
    title="Group related alarms to cut noise",
    row=Row.MONITORING,
    scope=Scope.REGION,
    needs=(Alarm,),
    severity=Severity.LOW,
    best_practices=("OPS08-BP04", "OPS10-BP03"),
    principles=(Principle.REFINE_PROCEDURES,),
    parameters=(Count("alarm_threshold", 25),),
    not_applicable_when="At most alarm_threshold metric alarms of the region have actions.",
    alternatives=(Tool.INCIDENT_RESPONSE,),
    remediation="Create one composite alarm per service, let it page, and take the paging actions"
    " off the alarms that it is made of.",
    cli=(
        "aws cloudwatch put-composite-alarm --alarm-name SERVICE"
        " --alarm-rule 'ALARM(FIRST) OR ALARM(SECOND)' --alarm-actions TOPIC_ARN",
    ),
)
def cloudwatch_composite_alarms_used(facts: Facts, context: Context) -> Outcome:
    alarms = facts.of(Alarm)
    acting = sum(alarm.type == "metric" and _acts(alarm) for alarm in alarms)
    if acting <= context.alarm_threshold:
        return not_applicable(f"{acting} metric alarms have actions")
    composites = sum(alarm.type == "composite" and bool(alarm.alarm_actions) for alarm in alarms)
    told = f"{acting} metric alarms and {composites} composite alarms have actions"
    return outcome(composites > 0, told)


def _acts(alarm: Alarm) -> bool:
    """Whether it does more than drive scaling."""
    return bool(alarm.alarm_actions) and not alarm.is_scaling_only


@Check(
    title="Use anomaly detection where static thresholds fail",
    row=Row.MONITORING,
    scope=Scope.REGION,
    needs=(Alarm, AnomalyDetector),
    severity=Severity.INFORMATIONAL,
    best_practices=("OPS08-BP01", "OPS08-BP04"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Count("alarm_threshold", 25),),
    not_applicable_when="The region has fewer than alarm_threshold alarms.",
    alternatives=(Tool.MONITORING,),
    remediation="Let alarms on metrics that follow traffic, such as the count of requests, watch an"
    " anomaly band instead of a fixed threshold.",
    cli=(
        "aws cloudwatch put-anomaly-detector --single-metric-anomaly-detector"
        " Namespace=AWS/ApplicationELB,MetricName=RequestCount,Stat=Sum",
    ),
)
def cloudwatch_anomaly_detection_used(facts: Facts, context: Context) -> Outcome:
    alarms = len(facts.of(Alarm))
    if not alarms or alarms < context.alarm_threshold:
        return not_applicable(f"the region has {alarms} alarms")
    return any_of(
        part("alarm on an anomaly band", lambda: _has_band(facts)),
        part("trained model", lambda: _has_trained_model(facts)),
    )


def _has_band(facts: Facts) -> Outcome:
    return any_of(facts.of(Alarm), lambda alarm: alarm.threshold_metric_id is not None)


def _has_trained_model(facts: Facts) -> Outcome:
    return any_of(facts.of(AnomalyDetector), lambda model: model.state == "TRAINED")
