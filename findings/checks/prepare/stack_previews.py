"""P3: what a change will do to a stack is seen before it does it."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, failed, not_applicable, passed, unknown
from findings.checks.parameters import PRODUCTION, Count, DaysOfQuarter
from findings.checks.stack_changes import (
    FORGOTTEN,
    changes_of,
    require_all_of,
    why_nobody_deploys,
)
from findings.facts.base import Facts
from findings.facts.cloudformation import Stack
from findings.facts.cloudtrail_changes import EXECUTE, UPDATE, StackChanges


@Check(
    title="Preview production updates with a change set",
    row=Row.RUNBOOKS,
    resource=Stack,
    needs=(StackChanges,),
    severity=Severity.HIGH,
    best_practices=("OPS06-BP02", "OPS07-BP05"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(
        DaysOfQuarter("window_days", 30),
        Count("max_update_stack_events", 0),
        PRODUCTION,
    ),
    not_applicable_when="The stack is nested, belongs to a stack set, is not in production, was not"
    " updated in the window, or only services of AWS updated it.",
    remediation="Deploy in two steps: make a change set, and execute it after somebody or something"
    " has reviewed what it would do. Deny cloudformation:UpdateStack to people.",
    cli=(
        "aws cloudformation create-change-set --stack-name STACK --change-set-name CHANGE_SET"
        " --template-url TEMPLATE_URL",
        "aws cloudformation describe-change-set --stack-name STACK --change-set-name CHANGE_SET",
        "aws cloudformation execute-change-set --stack-name STACK --change-set-name CHANGE_SET",
    ),
)
def cloudformation_update_uses_change_set(stack: Stack, facts: Facts, context: Context) -> Outcome:
    if why := why_nobody_deploys(stack, context):
        return not_applicable(why)
    days = context.window_days
    if stack.updated_at is None or not context.within(stack.updated_at, days=days):
        return not_applicable("not updated in the window")
    changes = changes_of(stack, facts, context, days)
    direct = [change for change in changes if change.event == UPDATE and not change.service]
    if len(direct) > context.max_update_stack_events:
        return failed(f"{len(direct)} updates without a change set, last {direct[-1].at:%Y-%m-%d}")
    require_all_of(facts, days)
    executed = [change for change in changes if change.event == EXECUTE]
    if executed:
        return passed(f"change set executed on {executed[-1].at:%Y-%m-%d}")
    if direct:
        return passed(f"{len(direct)} updates without a change set")
    if changes:
        return not_applicable("changed by services of AWS only")
    return unknown(FORGOTTEN)
