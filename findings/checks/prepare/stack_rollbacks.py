"""P3: a change to a stack that goes wrong is undone by itself."""

from __future__ import annotations

from functools import partial

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, failed, not_applicable, outcome, part, unknown
from findings.checks.parameters import PRODUCTION, Minutes, SelectorParameter
from findings.checks.stack_changes import why_nobody_deploys
from findings.facts.base import Facts, not_supplied, not_told
from findings.facts.cloudformation import Stack
from findings.facts.cloudwatch import Alarm

SANDBOX = SelectorParameter(
    "sandbox_selector",
    {"environments": ["sandbox"], "ou_paths": ["Sandbox", "Sandbox/*"]},
)


@Check(
    title="Keep automatic rollback on for stack operations",
    row=Row.RUNBOOKS,
    resource=Stack,
    severity=Severity.MEDIUM,
    best_practices=("OPS06-BP04",),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(SANDBOX,),
    not_applicable_when="The stack is nested, nothing of it is deployed yet, or its account is a"
    " sandbox.",
    remediation="Take the option that disables rollback out of the command or pipeline that deploys"
    " the stack, and deploy once more; keep it for looking into failures in sandboxes.",
    cli=(
        "aws cloudformation update-stack --stack-name STACK --use-previous-template"
        " --no-disable-rollback",
    ),
)
def cloudformation_stack_rollback_enabled(stack: Stack, facts: Facts, context: Context) -> Outcome:
    account = context.account
    if context.sandbox_selector.matches_account(account.environment, account.ou_path):
        return not_applicable("in a sandbox")
    if stack.is_nested:
        return not_applicable("nested: its root rolls it back")
    if stack.is_under_review:
        return not_applicable("nothing is deployed yet")
    if stack.is_rollback_disabled is None:
        return unknown(not_told(Stack.kind, "cloudformation:DescribeStacks"))
    return outcome(
        not stack.is_rollback_disabled,
        f"rollback on failure is {'off' if stack.is_rollback_disabled else 'on'}",
    )


@Check(
    title="Attach rollback triggers to production stacks",
    row=Row.RUNBOOKS,
    resource=Stack,
    needs=(Alarm,),
    severity=Severity.MEDIUM,
    best_practices=("OPS06-BP04", "OPS06-BP01"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(Minutes("min_minutes", 5), PRODUCTION),
    not_applicable_when="The stack is nested, belongs to a stack set, holds nothing yet, or is not"
    " in production.",
    remediation="Name the alarms of the service as rollback triggers of its stack, with a time in"
    " which they are watched after each deployment.",
    cli=(
        "aws cloudformation update-stack --stack-name STACK --use-previous-template"
        " --rollback-configuration MonitoringTimeInMinutes=5,"
        "RollbackTriggers=[{Arn=ALARM_ARN,Type=AWS::CloudWatch::Alarm}]",
    ),
)
def cloudformation_stack_rollback_triggers_set(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if why := why_nobody_deploys(stack, context):
        return not_applicable(why)
    return all_of(
        part("rollback triggers", lambda: bool(stack.rollback_triggers)),
        part("monitoring time", lambda: _is_watched(stack, context)),
        part("existing alarms", lambda: _triggers_exist(stack, facts)),
    )


def _is_watched(stack: Stack, context: Context) -> Outcome:
    """Without a monitoring time the triggers are watched during the operation only."""
    minutes = stack.rollback_monitoring_minutes or 0
    told = f"{minutes} minutes, expected at least {context.min_minutes:g}"
    return outcome(minutes >= context.min_minutes, told)


def _triggers_exist(stack: Stack, facts: Facts) -> Outcome:
    return all_of(*(part(arn, partial(_exists, arn, facts)) for arn in stack.rollback_triggers))


def _exists(arn: str, facts: Facts) -> Outcome:
    """Alarms of another account or region are not among those of the stack's place."""
    place = arn.split(":")[3:5]
    if place != [facts.place.region, facts.place.account]:
        return unknown(not_supplied(Alarm.kind))
    found = any(alarm.arn == arn for alarm in facts.of(Alarm))
    return outcome(True) if found else failed("there is no such alarm")
