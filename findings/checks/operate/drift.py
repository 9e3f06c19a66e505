"""O1: what changed outside of templates is corrected in time."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, failed, not_applicable, passed, unknown
from findings.checks.parameters import Days
from findings.facts.base import Facts, Gap, GapReason, not_told
from findings.facts.cloudformation import Stack

DESCRIBE_STACKS = "cloudformation:DescribeStacks"
EARLIER_CHECKS = Gap(kind=Stack.kind, reason=GapReason.NO_LONGER_KEPT, operation=DESCRIBE_STACKS)
"""CloudFormation keeps the last drift check of a stack, and none before it."""


@Check(
    title="Correct detected drift within the agreed time",
    row=Row.CHANGE,
    resource=Stack,
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP03", "OPS11-BP01"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.REFINE_PROCEDURES),
    parameters=(Days("max_days", 14),),
    not_applicable_when="The stack is not known to have drifted.",
    remediation="Open an OpsItem when drift is first seen. Set the resource back to what its"
    " template says, or write the difference into the template and update the stack; then detect"
    " drift again.",
    cli=(
        "aws cloudformation describe-stack-resource-drifts --stack-name STACK"
        " --stack-resource-drift-status-filters MODIFIED DELETED",
        "aws cloudformation detect-stack-drift --stack-name STACK",
    ),
)
def cloudformation_drift_remediated_in_time(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if stack.drift_status != "DRIFTED":
        return not_applicable(f"drift status {stack.drift_status or 'not told'}")
    checked_at = stack.drift_checked_at
    if checked_at is None:
        return unknown(not_told(Stack.kind, DESCRIBE_STACKS))
    if not context.within(checked_at, days=context.max_days):
        return failed(f"drifted since {checked_at:%Y-%m-%d} at the latest")
    if context.within(stack.created_at, days=context.max_days):
        return passed(f"drifted, and made on {stack.created_at:%Y-%m-%d}")
    return unknown(EARLIER_CHECKS)
