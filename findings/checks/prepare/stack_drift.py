"""P1: whether somebody looks for drift, of stacks and of stack sets."""

from __future__ import annotations

from datetime import datetime

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    any_of,
    failed,
    not_applicable,
    outcome,
    part,
    unknown,
)
from findings.checks.parameters import Days
from findings.facts.base import Facts, not_told
from findings.facts.cloudformation import Stack, StackSet
from findings.facts.config import ConfigRule

NOT_DEPLOYED = (
    "CREATE_FAILED",
    "CREATE_IN_PROGRESS",
    "DELETE_COMPLETE",
    "DELETE_FAILED",
    "DELETE_IN_PROGRESS",
    "REVIEW_IN_PROGRESS",
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS",
)
"""Of stacks that were never whole, or go away, CloudFormation detects no drift."""

DETERMINED = ("IN_SYNC", "DRIFTED")
DRIFT_RULE = "CLOUDFORMATION_STACK_DRIFT_DETECTION_CHECK"
RUNNING = ("ACTIVE", "EVALUATING")


@Check(
    title="Run drift detection on every active stack at a fixed cadence",
    row=Row.INFRASTRUCTURE_AS_CODE,
    resource=Stack,
    needs=(ConfigRule,),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP03",),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.ANTICIPATE_FAILURE),
    parameters=(Days("max_age_days", 7),),
    not_applicable_when="The stack is nested, is younger than max_age_days, or is not deployed"
    " as a whole.",
    remediation="Start drift detection of every root stack once a week by a scheduled job, or turn"
    " on the rule of AWS Config that does.",
    cli=(
        "aws cloudformation detect-stack-drift --stack-name STACK",
        "aws configservice put-config-rule --config-rule file://drift-rule.json",
    ),
)
def cloudformation_stack_drift_checked_recently(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if stack.is_nested:
        return not_applicable("nested: its root is judged")
    if stack.status in NOT_DEPLOYED:
        return not_applicable(f"{stack.status}: has no drift")
    if context.within(stack.created_at, days=context.max_age_days):
        return not_applicable(f"created on {stack.created_at:%Y-%m-%d}")
    return any_of(
        part("checked in time", lambda: _is_checked(stack, context)),
        part("rule of Config", lambda: any_of(facts.of(ConfigRule), _detects_drift)),
    )


def _is_checked(stack: Stack, context: Context) -> Outcome:
    if stack.drift_status not in DETERMINED:
        return failed(f"drift status {stack.drift_status or 'not told'}")
    return _was_checked(stack.drift_checked_at, context)


def _was_checked(checked: datetime | None, context: Context) -> Outcome:
    if checked is None:
        return failed("never checked")
    return outcome(
        context.within(checked, days=context.max_age_days), f"last checked on {checked:%Y-%m-%d}"
    )


def _detects_drift(rule: ConfigRule) -> Outcome:
    return all_of(
        part("detects drift", lambda: rule.source == DRIFT_RULE),
        part("active", lambda: rule.state in RUNNING),
    )


@Check(
    title="Detect and clear drift across stack sets",
    row=Row.INFRASTRUCTURE_AS_CODE,
    resource=StackSet,
    severity=Severity.HIGH,
    best_practices=("OPS05-BP03",),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.ANTICIPATE_FAILURE),
    parameters=(Days("max_age_days", 14),),
    not_applicable_when="The stack set has no instances.",
    remediation="Start drift detection of the stack set by a scheduled job, and deploy it again"
    " where instances drifted.",
    cli=(
        "aws cloudformation detect-stack-set-drift --stack-set-name STACK_SET",
        "aws cloudformation list-stack-instances --stack-set-name STACK_SET"
        " --filters Name=DRIFT_STATUS,Values=DRIFTED",
        "aws cloudformation update-stack-instances --stack-set-name STACK_SET --regions REGION"
        " --accounts ACCOUNT",
    ),
)
def cloudformation_stackset_drift_in_sync(
    stack_set: StackSet, facts: Facts, context: Context
) -> Outcome:
    if not stack_set.regions:
        return not_applicable("has no instances")
    return all_of(
        part("checked in time", lambda: _was_checked(stack_set.drift_checked_at, context)),
        part("in sync", lambda: _is_none(stack_set.drifted_instances, "drifted")),
        part("readable", lambda: _is_none(stack_set.failed_instances, "could not be checked")),
    )


def _is_none(instances: int | None, what: str) -> Outcome:
    if instances is None:
        return unknown(not_told(StackSet.kind, "cloudformation:DescribeStackSet"))
    return outcome(instances == 0, f"{instances} instances {what}")
