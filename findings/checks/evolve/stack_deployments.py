"""E2: stacks change by pipelines, in small steps."""

from __future__ import annotations

from fnmatch import fnmatchcase

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, not_applicable, outcome, passed, unknown
from findings.checks.parameters import PRODUCTION, DaysOfEventHistory, Names
from findings.checks.stack_changes import FORGOTTEN, changes_of, why_nobody_deploys
from findings.facts.base import Facts
from findings.facts.cloudformation import Stack
from findings.facts.cloudtrail_changes import StackChanges


@Check(
    title="Change production stacks only from a pipeline",
    row=Row.INFRASTRUCTURE,
    resource=Stack,
    needs=(StackChanges,),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP10", "OPS05-BP04"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.SMALL_REVERSIBLE_CHANGES),
    parameters=(
        DaysOfEventHistory("window_days", 90),
        Names("pipeline_roles", ("CodePipeline*", "cdk-*-deploy-role-*", "GitHubActions*")),
        PRODUCTION,
    ),
    not_applicable_when="The stack is nested, belongs to a stack set, is not in production, or was"
    " not changed in the window.",
    remediation="Let the role of the pipeline be the only one that may create and update stacks in"
    " production, and deploy the stack from its repository.",
    cli=(
        "aws cloudtrail lookup-events"
        " --lookup-attributes AttributeKey=ResourceName,AttributeValue=STACK",
    ),
)
def cloudformation_stack_deployed_by_pipeline(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if why := why_nobody_deploys(stack, context):
        return not_applicable(why)
    if not context.within(stack.changed_at, days=context.window_days):
        return not_applicable(f"last changed on {stack.changed_at:%Y-%m-%d}")
    changes = changes_of(stack, facts, context, context.window_days)
    if not changes:
        return unknown(FORGOTTEN)
    last = changes[-1]
    told = f"{last.event} of {last.at:%Y-%m-%d} by {last.service or last.role or last.identity}"
    if last.service:
        return passed(told)
    role = last.role or ""
    return outcome(any(fnmatchcase(role, pattern) for pattern in context.pipeline_roles), told)
