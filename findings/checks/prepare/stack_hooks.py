"""P1: policies that are enforced before anything is provisioned."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.evolve.infrastructure import AWS_PREFIXES
from findings.checks.outcomes import (
    Outcome,
    Status,
    any_of,
    at_least,
    failed,
    not_applicable,
    outcome,
)
from findings.checks.parameters import Count, DaysOfMonth
from findings.facts.base import Facts, Scope
from findings.facts.cloudformation import Stack
from findings.facts.cloudformation_hooks import Hook


@Check(
    title="Enforce policy before provisioning with CloudFormation Hooks",
    row=Row.INFRASTRUCTURE_AS_CODE,
    scope=Scope.REGION,
    needs=(Hook, Stack),
    severity=Severity.LOW,
    best_practices=("OPS05-BP02", "OPS01-BP03"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.ANTICIPATE_FAILURE),
    parameters=(Count("min_hooks", 1), DaysOfMonth("window_days", 30)),
    not_applicable_when="The region has no stack, or only those that a tool or service of AWS"
    " made.",
    remediation="Activate a Guard or Lambda hook in warning mode, deploy it to every account by a"
    " stack set, and let it refuse once its findings are cleared.",
    cli=(
        "aws cloudformation activate-type --type HOOK --public-type-arn TYPE_ARN"
        " --type-name-alias ALIAS --execution-role-arn ROLE_ARN",
        "aws cloudformation set-type-configuration --type-arn HOOK_ARN"
        " --configuration file://hook.json",
        "aws cloudformation list-hook-results --type-arn HOOK_ARN",
    ),
)
def cloudformation_hooks_activated(facts: Facts, context: Context) -> Outcome:
    found = at_least(context.min_hooks, facts.of(Hook), lambda hook: _is_at_work(hook, context))
    if found.status is not Status.FAIL:
        return found
    own = any_of(facts.of(Stack), lambda stack: not stack.name.startswith(AWS_PREFIXES))
    if own.status is Status.FAIL:
        return not_applicable("the region has no stack that people made")
    return found if own.status is Status.PASS else own


def _is_at_work(hook: Hook, context: Context) -> Outcome:
    if hook.completed_at is None:
        return failed(f"{hook.name} never came to a verdict")
    return outcome(
        context.within(hook.completed_at, days=context.window_days),
        f"{hook.name} last came to a verdict on {hook.completed_at:%Y-%m-%d}",
    )
