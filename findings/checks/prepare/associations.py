"""P2: State Manager keeps nodes as they are declared."""

from __future__ import annotations

from datetime import timedelta

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    every,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import Hours
from findings.facts.base import Facts, Scope, not_told
from findings.facts.schedules import longest_period
from findings.facts.ssm_patching import Association, AssociationCompliance

HOUR = timedelta(hours=1)
UNTOLD = not_told(Association.kind, "ssm:ListAssociations")


@Check(
    title="Keep State Manager associations compliant",
    row=Row.CONFIGURATION,
    scope=Scope.REGION,
    needs=(Association, AssociationCompliance),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP03",),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.ANTICIPATE_FAILURE),
    parameters=(Hours("grace_hours", 24),),
    not_applicable_when="The region has no association, and no managed node reports on one.",
    remediation="Read the output of the execution that failed, correct the document or its targets,"
    " and apply the association again.",
    cli=(
        "aws ssm describe-association-executions --association-id ID",
        "aws ssm start-associations-once --association-ids ID",
    ),
)
def ssm_association_compliant(facts: Facts, context: Context) -> Outcome:
    associations, nodes = facts.of(Association), facts.of(AssociationCompliance)
    if not associations.known and not nodes.known:
        associations.require()
        nodes.require()
        return not_applicable("no association")
    return all_of(
        part("nodes", lambda: every(nodes, _complies)),
        part("results", lambda: every(associations, _succeeded)),
        part("schedules", lambda: every(associations, lambda a: _is_on_time(a, context))),
    )


def _complies(node: AssociationCompliance) -> Outcome:
    return outcome(node.status == "COMPLIANT", f"{node.resource} is {node.status}")


def _succeeded(association: Association) -> Outcome:
    if association.status is None and association.last_run_at is not None:
        return unknown(UNTOLD)
    return outcome(association.status != "Failed", f"{_name(association)} failed")


def _is_on_time(association: Association, context: Context) -> Outcome:
    """What was never run has no target yet, or waits for its first time."""
    period = longest_period(association.schedule or "")
    if period is None or association.last_run_at is None:
        return passed()
    days = association.schedule_offset_days
    hours = period / HOUR + context.grace_hours
    told = f"{_name(association)} last ran on {association.last_run_at:%Y-%m-%d %H:%M} UTC"
    return outcome(context.within(association.last_run_at, days=days, hours=hours), told)


def _name(association: Association) -> str:
    return association.name or association.document or association.id
