"""E3: what went wrong is analysed."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, any_of, every, not_applicable, part
from findings.checks.parameters import Count, Days, DaysOfIncidents
from findings.facts.base import Facts, Scope
from findings.facts.incidents import Incident


@Check(
    title="Analyse every resolved incident",
    row=Row.FEEDBACK,
    scope=Scope.ACCOUNT,
    needs=(Incident,),
    severity=Severity.HIGH,
    best_practices=("OPS11-BP02", "OPS11-BP08"),
    principles=(Principle.ANTICIPATE_FAILURE, Principle.REFINE_PROCEDURES),
    parameters=(
        DaysOfIncidents("window_days", 180),
        Count("max_impact", 3),
        Days("max_days", 10),
    ),
    not_applicable_when="Incident Manager holds no incident of such an impact that was resolved in"
    " the window. It is closed to new customers.",
    alternatives=(Tool.INCIDENT_RESPONSE,),
    remediation="Create the analysis from the incident with those who were there, and follow its"
    " actions as operational items.",
    cli=("aws ssm-incidents list-related-items --incident-record-arn INCIDENT",),
)
def incident_post_analysis_completed(facts: Facts, context: Context) -> Outcome:
    grave = [incident for incident in facts.of(Incident) if incident.impact <= context.max_impact]
    recent = [i for i in grave if context.within(i.resolved_at, days=context.window_days)]
    if not recent:
        return not_applicable("no incident")
    return every(recent, lambda incident: _is_analysed(incident, context))


def _is_analysed(incident: Incident, context: Context) -> Outcome:
    name = incident.arn.rpartition("incident-record/")[2]
    return any_of(
        part("analysed", lambda: incident.analyses > 0),
        part("in time", lambda: context.within(incident.resolved_at, days=context.max_days)),
        message=f"{name}, resolved on {incident.resolved_at:%Y-%m-%d}, has no analysis",
    )
