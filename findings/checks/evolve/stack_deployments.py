"""E2: stacks change by pipelines, in small steps."""

from __future__ import annotations

from fnmatch import fnmatchcase

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, not_applicable, outcome, passed, unknown
from findings.checks.parameters import PRODUCTION, Count, DaysOfQuarter, Names
from findings.checks.stack_changes import FORGOTTEN, changes_of, why_nobody_deploys
from findings.facts.base import Facts, NotCollected, not_supplied
from findings.facts.cloudformation import ChangeSets, ChangeSetSize, Stack
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
        DaysOfQuarter("window_days", 90),
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


@Check(
    title="Change stacks in small steps",
    row=Row.INFRASTRUCTURE,
    resource=Stack,
    needs=(ChangeSets,),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP09",),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(DaysOfQuarter("window_days", 30), Count("max_changes", 25)),
    not_applicable_when="The stack is nested, or CloudFormation lists no change set of the window"
    " that can be executed or was: most of those that were executed it forgets.",
    remediation="Divide the change: deploy first what is only added, then what uses it, and last"
    " what is no longer used. Deploy more often, and change one thing at a time.",
    cli=(
        "aws cloudformation describe-change-set --stack-name STACK --change-set-name CHANGE_SET"
        " --query 'length(Changes)'",
        "aws cloudformation delete-change-set --stack-name STACK --change-set-name CHANGE_SET",
    ),
)
def cloudformation_change_sets_small(stack: Stack, facts: Facts, context: Context) -> Outcome:
    if stack.is_nested:
        return not_applicable("its change sets are those of its root")
    found = facts.of(ChangeSets).get(stack.name)
    sizes = found.sizes if found else ()
    counts = sorted(size.changes for size in sizes if _is_in_window(size, context))
    if not counts:
        return not_applicable("no change set in the window")
    nine_of_ten = counts[-(-9 * len(counts) // 10) - 1]
    told = f"nine of ten have at most {nine_of_ten} changes, expected {context.max_changes:g}"
    return outcome(nine_of_ten <= context.max_changes, f"{len(counts)} change sets, {told}")


def _is_in_window(size: ChangeSetSize, context: Context) -> bool:
    if size.created_at is None:
        raise NotCollected(not_supplied(ChangeSets.kind))
    return context.within(size.created_at, days=context.window_days)
