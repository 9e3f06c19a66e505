"""O1: changes are automated, followed and limited."""

from __future__ import annotations

from functools import partial

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
)
from findings.checks.parameters import Count, Flag
from findings.facts.base import Facts, Scope
from findings.facts.cloudformation import Stack
from findings.facts.cloudwatch import Alarm, service_of
from findings.facts.config import DeliveryChannel, Recorder
from findings.facts.events import Rule, Target
from findings.facts.logs import LogGroup

COMPLIANCE_CHANGE = {
    "source": "aws.config",
    "detail-type": "Config Rules Compliance Change",
    "detail": {
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": {"complianceType": "NON_COMPLIANT"},
    },
}
"""https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html"""

RESPONDERS = {"lambda": "function", "states": "stateMachine", "ssm": "automation-definition"}
"""The kinds of resource, by service, that act on an event by themselves."""


@Check(
    title="Publish stack events to a topic or event rule",
    row=Row.CHANGE,
    resource=Stack,
    needs=(Rule,),
    severity=Severity.LOW,
    best_practices=("OPS08-BP04", "OPS10-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Flag("accept_event_rule", True),),
    not_applicable_when="The stack is nested: its root stack is judged.",
    remediation="Add one EventBridge rule per region for stack status changes on the default bus;"
    " that is cheaper than a notification topic for each stack.",
    cli=(
        "aws events put-rule --name stack-changes --event-pattern"
        ' \'{"source":["aws.cloudformation"],'
        '"detail-type":["CloudFormation Stack Status Change"]}\'',
        "aws events put-targets --rule stack-changes --targets Id=operations,Arn=QUEUE_ARN",
    ),
)
def cloudformation_stack_change_notified(stack: Stack, facts: Facts, context: Context) -> Outcome:
    if stack.is_nested:
        return not_applicable("it is nested")
    change = {
        "source": "aws.cloudformation",
        "detail-type": "CloudFormation Stack Status Change",
        "detail": {"stack-id": stack.id},
    }
    topic = part("topic", lambda: bool(stack.notification_arns))
    if not context.accept_event_rule:
        return all_of(topic)
    return any_of(
        topic,
        part("event rule", lambda: any_of(facts.of(Rule), lambda rule: rule.routes(change))),
    )


@Check(
    title="Route compliance changes to responders",
    row=Row.CHANGE,
    scope=Scope.REGION,
    needs=(Recorder, DeliveryChannel, Rule),
    severity=Severity.MEDIUM,
    best_practices=("OPS08-BP04", "OPS10-BP02"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    not_applicable_when="The region has no configuration recorder of the customer's own.",
    alternatives=(Tool.CONFIGURATION_AUDIT,),
    remediation="Create an EventBridge rule for Config Rules Compliance Change to NON_COMPLIANT and"
    " send it to the queue of the team that owns the account.",
    cli=(
        "aws events put-rule --name compliance-changes --event-pattern"
        ' \'{"source":["aws.config"],"detail-type":["Config Rules Compliance Change"],'
        '"detail":{"messageType":["ComplianceChangeNotification"],'
        '"newEvaluationResult":{"complianceType":["NON_COMPLIANT"]}}}\'',
        "aws events put-targets --rule compliance-changes --targets Id=owners,Arn=QUEUE_ARN",
    ),
)
def config_compliance_changes_routed(facts: Facts, context: Context) -> Outcome:
    if not any(recorder.service is None for recorder in facts.of(Recorder)):
        return not_applicable("nothing is recorded")
    return any_of(
        part(
            "topic of the delivery channel",
            lambda: any_of(facts.of(DeliveryChannel), lambda c: bool(c.topic_arn)),
        ),
        part(
            "event rule with a target", lambda: any_of(facts.of(Rule), _routes_compliance_changes)
        ),
    )


def _routes_compliance_changes(rule: Rule) -> Outcome:
    return all_of(
        part("compliance changes", lambda: rule.routes(COMPLIANCE_CHANGE)),
        part("target", lambda: bool(rule.targets)),
    )


@Check(
    title="Respond to operational events automatically",
    row=Row.CHANGE,
    scope=Scope.REGION,
    needs=(Rule, Alarm, LogGroup, Stack),
    severity=Severity.MEDIUM,
    best_practices=("OPS10-BP07",),
    principles=(
        Principle.OPERATIONS_AS_CODE,
        Principle.MANAGED_SERVICES_AND_OBSERVABILITY,
    ),
    parameters=(Count("min_rules", 1),),
    not_applicable_when="The region runs no workload: it has no alarm, log group or stack.",
    alternatives=(Tool.RUNBOOKS,),
    remediation="Connect the most frequent alert of the region to its runbook by an EventBridge"
    " rule that starts an Automation document, a function or a state machine.",
    cli=(
        "aws events put-rule --name runbook --event-pattern"
        ' \'{"source":["aws.cloudwatch"],"detail-type":["CloudWatch Alarm State Change"],'
        '"detail":{"alarmName":["ALARM_NAME"],"state":{"value":["ALARM"]}}}\'',
        "aws events put-targets --rule runbook"
        " --targets Id=runbook,Arn=AUTOMATION_DEFINITION_ARN,RoleArn=START_ROLE_ARN",
    ),
)
def eventbridge_automated_response_present(facts: Facts, context: Context) -> Outcome:
    found = at_least(context.min_rules, facts.of(Rule), _responds)
    if found.status is not Status.FAIL:
        return found
    workload = any_of(
        part("alarm", lambda: bool(facts.of(Alarm))),
        part("log group", lambda: bool(facts.of(LogGroup))),
        part("stack", lambda: bool(facts.of(Stack))),
    )
    if workload.status is Status.FAIL:
        return not_applicable("the region has no alarm, log group or stack")
    return found if workload.status is Status.PASS else workload


def _responds(rule: Rule) -> Outcome:
    return all_of(
        part("enabled", lambda: rule.is_enabled),
        part("event pattern", lambda: rule.pattern is not None),
        part("not an AWS service's own", lambda: rule.is_operators),
        part("responder", lambda: any(_is_responder(target.arn) for target in rule.targets)),
    )


def _is_responder(arn: str) -> bool:
    """By service and kind of resource: ``arn:partition:service:region:account:kind[:/]name``."""
    resource = arn.split(":", 5)[-1]
    kind = RESPONDERS.get(service_of(arn), "nothing")
    return resource.startswith((f"{kind}:", f"{kind}/"))


@Check(
    title="Catch undelivered events in a dead-letter queue",
    row=Row.CHANGE,
    resource=Rule,
    severity=Severity.MEDIUM,
    best_practices=("OPS10-BP07", "OPS08-BP04"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Flag("ignore_schedule_rules", False),),
    not_applicable_when="An AWS service manages the rule, it is disabled, or it sends to SQS queues"
    " only; also rules of schedules where they are to be ignored.",
    remediation="Give each target of the rule a dead-letter queue, and alarm on the depth of that"
    " queue.",
    cli=(
        "aws events list-targets-by-rule --rule RULE",
        "aws events put-targets --rule RULE"
        " --targets Id=TARGET,Arn=TARGET_ARN,DeadLetterConfig={Arn=QUEUE_ARN}",
    ),
)
def eventbridge_target_dead_letter_queue(rule: Rule, facts: Facts, context: Context) -> Outcome:
    if rule.managed_by is not None:
        return not_applicable(f"{rule.managed_by} manages it")
    if rule.state == "DISABLED":
        return not_applicable("it is disabled")
    if context.ignore_schedule_rules and rule.pattern is None:
        return not_applicable("it runs on a schedule")
    exposed = [target for target in rule.targets if service_of(target.arn) != "sqs"]
    if not exposed:
        return not_applicable("it sends to nothing but queues")
    return all_of(*(part(target.id, partial(_is_caught, target)) for target in exposed))


def _is_caught(target: Target) -> Outcome:
    if target.dead_letter_arn is None:
        return failed(f"no dead-letter queue for {target.arn}")
    return outcome(True)
