"""E3: services have objectives, and their budgets steer the work."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
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
    passed,
    unknown,
)
from findings.checks.parameters import PRODUCTION, Count
from findings.facts.applicationsignals import Objective
from findings.facts.base import Facts, Scope, not_told
from findings.facts.xray import TracedService

KEPT = ("OK", "WARNING", "INSUFFICIENT_DATA")
REPORTED_BY = "application-signals:BatchGetServiceLevelObjectiveBudgetReport"


@Check(
    title="Define service level objectives and keep their budget",
    row=Row.FEEDBACK,
    scope=Scope.REGION,
    needs=(Objective, TracedService),
    severity=Severity.MEDIUM,
    best_practices=("OPS04-BP01", "OPS09-BP01", "OPS11-BP05"),
    principles=(Principle.REFINE_PROCEDURES, Principle.MANAGED_SERVICES_AND_OBSERVABILITY),
    parameters=(Count("min_slos", 1), PRODUCTION),
    not_applicable_when="The account is not in production, or nothing in the region has"
    " objectives or sent a trace.",
    alternatives=(Tool.MONITORING,),
    remediation="Define one objective of latency and one of availability per service; while a"
    " budget is used up, put reliability before features.",
    cli=("aws application-signals list-service-level-objectives",),
)
def applicationsignals_slo_healthy(facts: Facts, context: Context) -> Outcome:
    if not context.is_production(context.account.tags):
        return not_applicable("the account is not in production")
    if not facts.of(Objective) and not _has_service(facts):
        return not_applicable("no service of the region is known")
    return all_of(
        part("objectives", lambda: _are_enough(facts, context)),
        part("budgets", lambda: every(facts.of(Objective), _is_kept)),
    )


def _has_service(facts: Facts) -> bool:
    return any(service.owner == facts.place.account for service in facts.of(TracedService))


def _are_enough(facts: Facts, context: Context) -> Outcome:
    count = len(facts.of(Objective))
    return outcome(count >= context.min_slos, f"{count} objectives")


def _is_kept(objective: Objective) -> Outcome:
    """A budget that cannot be told yet for lack of data is not used up."""
    if objective.budget_status == "BREACHED":
        return failed(f"the budget of {objective.name} is used up")
    if objective.budget_status in KEPT:
        return passed()
    return unknown(not_told(Objective.kind, REPORTED_BY, f"BudgetStatus {objective.budget_status}"))
