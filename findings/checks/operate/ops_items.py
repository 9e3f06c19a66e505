"""O3: operational items are worked on."""

from __future__ import annotations

from collections.abc import Mapping

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, every, not_applicable, outcome, passed
from findings.checks.parameters import Days, Text
from findings.facts.base import Facts, Scope
from findings.facts.ssm_ops_items import OpsItem


@Check(
    title="Resolve operational items within their time limit",
    row=Row.MONITORING,
    scope=Scope.ACCOUNT,
    needs=(OpsItem,),
    severity=Severity.MEDIUM,
    best_practices=("OPS10-BP01", "OPS10-BP03"),
    principles=(Principle.REFINE_PROCEDURES, Principle.ANTICIPATE_FAILURE),
    parameters=(
        Days("max_days_critical", 1),
        Days("max_days_high", 7),
        Days("max_days_medium", 30),
        Days("max_days_low", 90),
        Text("alternative_tool", "none"),
    ),
    not_applicable_when="OpsCenter holds nothing that is open, and alternative_tool names the tool"
    " that is used instead.",
    remediation="Resolve or hand on the oldest items first, and give each source of items a runbook"
    " that resolves them.",
    cli=(
        "aws ssm describe-ops-items"
        " --ops-item-filters Key=Status,Values=Open,InProgress,Operator=Equal",
        "aws ssm update-ops-item --ops-item-id ID --status Resolved",
    ),
)
def ssm_opsitem_age_within_limit(facts: Facts, context: Context) -> Outcome:
    items = facts.of(OpsItem)
    if not items:
        if context.alternative_tool != "none":
            return not_applicable(f"nothing is open; items are kept in {context.alternative_tool}")
        return passed("nothing is open")
    limits: dict[str | None, float] = {
        "1": context.max_days_critical,
        "2": context.max_days_high,
        "3": context.max_days_medium,
    }
    return every(items, lambda item: _is_in_time(item, limits, context))


def _is_in_time(item: OpsItem, limits: Mapping[str | None, float], context: Context) -> Outcome:
    """An item without a severity has the longest limit."""
    days = limits.get(item.severity, context.max_days_low)
    told = f"{item.id} of {item.created_at:%Y-%m-%d}, severity {item.severity or 'not set'}"
    return outcome(context.within(item.created_at, days=days), told)
