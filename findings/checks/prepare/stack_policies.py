"""P1: stack policies, which keep updates from losing data."""

from __future__ import annotations

from collections.abc import Callable

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    unknown,
)
from findings.checks.parameters import PRODUCTION
from findings.checks.prepare.infrastructure_as_code import STATEFUL_TYPES
from findings.checks.stack_trees import of_tree
from findings.facts.base import Facts, not_told
from findings.facts.cloudformation import Stack, Template, TemplateResource
from findings.facts.cloudformation_policies import StackPolicy


@Check(
    title="Give production stacks a stack policy that guards stateful resources",
    row=Row.INFRASTRUCTURE_AS_CODE,
    resource=Stack,
    needs=(Template, StackPolicy),
    severity=Severity.LOW,
    best_practices=("OPS06-BP01", "OPS05-BP03"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.SMALL_REVERSIBLE_CHANGES),
    parameters=(PRODUCTION, STATEFUL_TYPES),
    not_applicable_when="The stack is nested and judged with its root, is not in production, or"
    " holds no resource with data.",
    remediation="Set a stack policy that refuses to replace and to delete the resources that hold"
    " data, and override it for planned migrations only.",
    cli=(
        "aws cloudformation set-stack-policy --stack-name STACK"
        " --stack-policy-body file://stack-policy.json",
    ),
)
def cloudformation_stack_policy_set(stack: Stack, facts: Facts, context: Context) -> Outcome:
    if stack.is_nested:
        return not_applicable("nested: judged with its root")
    if not context.is_production() and not context.is_production(stack.tags):
        return not_applicable("not in production")
    return of_tree(stack, facts, lambda each: _guards_data(each, facts, context))


def _guards_data(stack: Stack, facts: Facts, context: Context) -> Outcome:
    if stack.is_under_review:
        return not_applicable("nothing is deployed yet")
    template = facts.of(Template).get(stack.name)
    if template is None:
        return unknown(not_told(Template.kind, "cloudformation:GetTemplate"))
    stateful = [
        resource
        for resource in template.resources
        if resource.type in context.stateful_types and not resource.is_cluster_member
    ]
    if not stateful:
        return not_applicable("no resource holds data")
    policy = facts.of(StackPolicy).get(stack.name)
    if policy is None:
        return unknown(not_told(StackPolicy.kind, "cloudformation:GetStackPolicy"))
    if policy.statements is None:
        return failed("no stack policy")
    return all_of(
        part("Update:Replace", lambda: every(stateful, _refused(policy, "Update:Replace"))),
        part("Update:Delete", lambda: every(stateful, _refused(policy, "Update:Delete"))),
    )


def _refused(policy: StackPolicy, action: str) -> Callable[[TemplateResource], Outcome]:
    def judge(resource: TemplateResource) -> Outcome:
        name = resource.logical_id
        return outcome(policy.refuses(action, name, resource.type), f"{name} is not guarded")

    return judge
