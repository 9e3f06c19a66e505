"""O3: metrics, logs and events reach the people who act on them."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    Status,
    all_of,
    any_of,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
)
from findings.checks.parameters import Count, Days, Flag, Hours, Names, Prefixes
from findings.facts.base import Facts, Gap, GapReason, NotCollected, Place, Scope
from findings.facts.cloudformation import Stack
from findings.facts.cloudwatch import Alarm, service_of
from findings.facts.codedeploy import DeploymentGroup
from findings.facts.events import Rule, Target
from findings.facts.logs import LogGroup
from findings.facts.organizations import DelegatedAdministrator
from findings.facts.sns import Topic

BOUNDED_SUPPRESSIONS = ("WaitPeriod", "ExtensionPeriod")
AUDIT_LOGS = ("aws-cloudtrail-logs", "/aws/cloudtrail")
HEALTH = "health.amazonaws.com"
HEALTH_EVENT = {"source": "aws.health", "detail-type": "AWS Health Event"}


@Check(
    title="Give every alarm an action",
    row=Row.MONITORING,
    resource=Alarm,
    needs=(DeploymentGroup, Stack),
    severity=Severity.HIGH,
    best_practices=("OPS08-BP04",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Flag("accept_composite_parent", True),),
    not_applicable_when="The alarm only drives scaling, serves deployments or the rollback of a"
    " stack, or is a child of a composite alarm that has actions.",
    remediation="Add a topic, an incident response plan or a function to the actions of the ALARM"
    " state where the alarm is declared.",
    cli=(
        "aws cloudwatch describe-alarms --alarm-names ALARM",
        "aws cloudwatch put-metric-alarm --alarm-name ALARM --namespace NAMESPACE"
        " --metric-name METRIC --statistic Sum --period 300 --evaluation-periods 1"
        " --comparison-operator GreaterThanThreshold --threshold 0 --alarm-actions TOPIC_ARN",
    ),
)
def cloudwatch_alarm_actions_configured(alarm: Alarm, facts: Facts, context: Context) -> Outcome:
    if alarm.is_scaling_only:
        return not_applicable("it only drives scaling")
    if alarm.alarm_actions:
        return passed(f"{len(alarm.alarm_actions)} actions")
    if context.accept_composite_parent and _has_acting_parent(alarm, facts):
        return not_applicable("a composite alarm above it has actions")
    used = any_of(
        part("deployment", lambda: _guards_deployments(alarm, facts)),
        part("stack rollback", lambda: _guards_stacks(alarm, facts)),
    )
    if used.status is Status.FAIL:
        return failed("nothing happens when it goes into ALARM")
    if used.status is Status.PASS:
        return not_applicable("it guards deployments or stacks")
    return used


def _has_acting_parent(alarm: Alarm, facts: Facts) -> bool:
    """Whether any composite alarm above has actions; alarms may even refer to each other."""
    above: set[str] = set()
    nearest = {alarm.name}
    while nearest:
        parents = (other for other in facts.of(Alarm) if nearest.intersection(other.children))
        nearest = {parent.name for parent in parents} - above
        above |= nearest
    return any(other.alarm_actions for other in facts.of(Alarm) if other.name in above)


def _guards_deployments(alarm: Alarm, facts: Facts) -> Outcome:
    return any_of(
        facts.of(DeploymentGroup),
        lambda group: all_of(
            part("alarms in use", lambda: group.are_alarms_enabled),
            part("this alarm", lambda: alarm.name in group.alarms),
        ),
    )


def _guards_stacks(alarm: Alarm, facts: Facts) -> Outcome:
    return any_of(facts.of(Stack), lambda stack: alarm.arn in stack.rollback_triggers)


@Check(
    title="Keep alarm actions switched on",
    row=Row.MONITORING,
    resource=Alarm,
    severity=Severity.HIGH,
    best_practices=("OPS08-BP04",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Hours("max_hours", 24),),
    remediation="Enable the actions of the alarm again, end what its suppressor stands for, or"
    " delete the alarm.",
    cli=("aws cloudwatch enable-alarm-actions --alarm-names ALARM",),
)
def cloudwatch_alarm_actions_enabled(alarm: Alarm, facts: Facts, context: Context) -> Outcome:
    return all_of(
        part("actions enabled", lambda: alarm.actions_enabled),
        part("not held back", lambda: _is_not_held_back(alarm, facts, context)),
    )


def _is_not_held_back(alarm: Alarm, facts: Facts, context: Context) -> Outcome:
    """A suppressor in ALARM holds actions back for as long as both alarms stay as they are."""
    if alarm.actions_suppressed_by is None or alarm.actions_suppressed_by in BOUNDED_SUPPRESSIONS:
        return passed()
    suppressors = [other for other in facts.of(Alarm) if other.name == alarm.suppressor]
    since = max(_in_state_since(found) for found in (alarm, *suppressors))
    if context.within(since, hours=context.max_hours):
        return passed()
    return failed(f"{alarm.suppressor} holds its actions back since {since:%Y-%m-%d %H:%M} UTC")


def _in_state_since(alarm: Alarm) -> datetime:
    since = alarm.in_state_since
    if since is None:
        gap = Gap(
            kind=Alarm.kind, reason=GapReason.NOT_SUPPLIED, operation="cloudwatch:DescribeAlarms"
        )
        raise NotCollected(gap)
    return since


@Check(
    title="Deliver alarm notifications to someone",
    row=Row.MONITORING,
    resource=Alarm,
    needs=(At(Scope.ORGANIZATION, Topic),),
    severity=Severity.HIGH,
    best_practices=("OPS08-BP04", "OPS10-BP04"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Count("min_subscriptions", 1),),
    not_applicable_when="No action of the alarm is an SNS topic.",
    remediation="Confirm or replace the subscriptions of the topic; where the topic is missing,"
    " create it again or name another one in the alarm's actions.",
    cli=(
        "aws sns list-subscriptions-by-topic --topic-arn TOPIC_ARN",
        "aws sns confirm-subscription --topic-arn TOPIC_ARN --token TOKEN",
    ),
)
def cloudwatch_alarm_target_reachable(alarm: Alarm, facts: Facts, context: Context) -> Outcome:
    topics = [action for action in alarm.alarm_actions if service_of(action) == "sns"]
    if not topics:
        return not_applicable("it notifies no topic")
    return all_of(
        *(part(arn, partial(_is_heard, arn, facts, context.min_subscriptions)) for arn in topics)
    )


def _is_heard(topic_arn: str, facts: Facts, least: float) -> Outcome:
    """Whether a topic, of whichever account of the organization, has confirmed subscriptions."""
    _, _, _, region, account, _ = topic_arn.split(":", 5)
    topic = facts.at(Topic, Place(account, region)).get(topic_arn)
    if topic is None:
        return failed("the topic does not exist")
    confirmed = sum(subscription.is_confirmed for subscription in topic.subscriptions)
    return outcome(confirmed >= least, f"{confirmed} confirmed subscriptions")


@Check(
    title="Leave no alarm without data",
    row=Row.MONITORING,
    resource=Alarm,
    severity=Severity.MEDIUM,
    best_practices=("OPS08-BP04", "OPS08-BP01"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Days("max_age_days", 7),),
    not_applicable_when="The alarm was made or changed within max_age_days.",
    remediation="Point the alarm at a metric that still exists, say with TreatMissingData what no"
    " data means, or delete the alarm.",
    cli=(
        "aws cloudwatch describe-alarms --state-value INSUFFICIENT_DATA",
        "aws cloudwatch delete-alarms --alarm-names ALARM",
    ),
)
def cloudwatch_alarm_insufficient_data_bounded(
    alarm: Alarm, facts: Facts, context: Context
) -> Outcome:
    configured = alarm.configured_at
    if configured is not None and context.within(configured, days=context.max_age_days):
        return not_applicable(f"it was made or changed on {configured:%Y-%m-%d}")
    if alarm.state in ("OK", "ALARM"):
        return passed()
    since = _in_state_since(alarm)
    told = f"{alarm.state} since {since:%Y-%m-%d %H:%M} UTC"
    return outcome(context.within(since, days=context.max_age_days), told)


@Check(
    title="Set a retention period on every log group",
    row=Row.MONITORING,
    resource=LogGroup,
    severity=Severity.MEDIUM,
    best_practices=("OPS08-BP02", "OPS04-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(
        Days("min_days", 365),
        Days("max_days", 400),
        Prefixes("audit_prefixes", AUDIT_LOGS),
        Prefixes("exempt_prefixes", ()),
    ),
    not_applicable_when="The group is of class DELIVERY, is exempt by its name, or a retention"
    " policy decides.",
    remediation="Set RetentionInDays in the template that owns the group: at least min_days for"
    " audit logs, at most max_days for all others.",
    cli=("aws logs put-retention-policy --log-group-name GROUP --retention-in-days 90",),
)
def cloudwatch_log_group_retention_set(group: LogGroup, facts: Facts, context: Context) -> Outcome:
    if group.log_class == "DELIVERY":
        return not_applicable("class DELIVERY keeps events for one day, whatever is set")
    if group.name.startswith(context.exempt_prefixes):
        return not_applicable("its name is exempt")
    if group.retention_policy is not None:
        return not_applicable(f"the retention policy {group.retention_policy} decides")
    if group.retention_days is None:
        return failed("keeps its events for ever")
    if group.name.startswith(context.audit_prefixes):
        told = f"audit log, kept {group.retention_days} days"
        return outcome(group.retention_days >= context.min_days, told)
    return outcome(group.retention_days <= context.max_days, f"kept {group.retention_days} days")


@Check(
    title="Route AWS Health events to responders",
    row=Row.MONITORING,
    scope=Scope.ACCOUNT,
    needs=(At(Scope.ORGANIZATION, Rule), At(Scope.ORGANIZATION, Topic), DelegatedAdministrator),
    severity=Severity.HIGH,
    best_practices=("OPS04-BP04", "OPS10-BP01"),
    principles=(
        Principle.MANAGED_SERVICES_AND_OBSERVABILITY,
        Principle.ANTICIPATE_FAILURE,
    ),
    parameters=(Names("rule_regions", ("us-east-1",)),),
    not_applicable_when="The account is in another partition than rule_regions.",
    remediation="Turn on the organizational view of AWS Health, register a delegated administrator"
    " and add one rule for aws.health there, in us-east-1 and in the backup region us-west-2.",
    cli=(
        "aws health enable-health-service-access-for-organization",
        "aws organizations register-delegated-administrator --account-id ACCOUNT"
        " --service-principal health.amazonaws.com",
        "aws events put-rule --name health-events --region us-east-1"
        """ --event-pattern '{"source": ["aws.health"]}'""",
        "aws events put-targets --rule health-events --targets Id=topic,Arn=TOPIC_ARN"
        " --region us-east-1",
    ),
)
def eventbridge_health_events_routed(facts: Facts, context: Context) -> Outcome:
    partitions = _partitions(facts)
    if partitions.isdisjoint(map(_partition_of, context.rule_regions)):
        return not_applicable(f"the account is in the partition {', '.join(sorted(partitions))}")
    return any_of(
        part("rule in the account", lambda: _routes_health(facts.place.account, facts, context)),
        part("organizational view", lambda: _is_seen_by_administrator(facts, context)),
    )


def _partitions(facts: Facts) -> set[str]:
    """An account is in one partition, which its rules name; so do its regions where it has none."""
    rules = facts.of(Rule, Scope.ACCOUNT).known
    told = {rule.arn.split(":")[1] for rule in rules}
    return told or set(map(_partition_of, facts.regions))


def _partition_of(region: str) -> str:
    prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    return next((name for prefix, name in prefixes.items() if region.startswith(prefix)), "aws")


def _is_seen_by_administrator(facts: Facts, context: Context) -> Outcome:
    return any_of(
        facts.of(DelegatedAdministrator),
        lambda found: all_of(
            part("administers Health", lambda: found.service == HEALTH),
            part("rule there", lambda: _routes_health(found.account, facts, context)),
        ),
        none="no account administers Health for the organization",
    )


def _routes_health(account: str, facts: Facts, context: Context) -> Outcome:
    """Whether each of the regions has a rule whose events reach something."""
    return all_of(
        *(
            part(region, partial(_has_health_rule, Place(account, region), facts))
            for region in context.rule_regions
        )
    )


def _has_health_rule(place: Place, facts: Facts) -> Outcome:
    return any_of(
        facts.at(Rule, place),
        lambda rule: all_of(
            part("aws.health", lambda: rule.routes(HEALTH_EVENT)),
            part("reachable target", lambda: _has_reachable_target(rule, facts)),
        ),
        none="no event rule",
    )


def _has_reachable_target(rule: Rule, facts: Facts) -> Outcome:
    return any_of(rule.targets, lambda target: _is_reachable(target, facts), none="no target")


def _is_reachable(target: Target, facts: Facts) -> Outcome:
    """A topic needs somebody who is subscribed; of other targets no more is known."""
    if service_of(target.arn) == "sns":
        return _is_heard(target.arn, facts, least=1)
    return passed()
