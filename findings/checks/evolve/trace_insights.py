"""E3: what traces show to go wrong is followed up."""

from __future__ import annotations

from datetime import datetime

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, every, not_applicable, outcome, unknown
from findings.checks.parameters import Hours
from findings.facts.base import Facts, Scope, not_told
from findings.facts.xray import ActiveInsights, Insight


@Check(
    title="Follow up trace insights",
    row=Row.FEEDBACK,
    scope=Scope.REGION,
    needs=(ActiveInsights,),
    severity=Severity.LOW,
    best_practices=("OPS08-BP03", "OPS11-BP02"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Hours("max_hours", 24),),
    not_applicable_when="Insights are off in all groups of the region.",
    remediation="Open the insight, assign it to the team of its root-cause service, and link the"
    " fix to it.",
    cli=("aws xray get-insight-summaries --group-name GROUP --start-time START --end-time END",),
)
def xray_insights_resolved(facts: Facts, context: Context) -> Outcome:
    groups = facts.of(ActiveInsights)
    if not groups:
        return not_applicable("insights are off")
    return every(groups, lambda group: every(group.insights, lambda i: _is_young(i, context)))


def _is_young(insight: Insight, context: Context) -> Outcome:
    if insight.started_at is None:
        return unknown(not_told(ActiveInsights.kind, "xray:GetInsightSummaries"))
    told = f"{insight.root_cause or 'an unknown service'} since {_minute(insight.started_at)}"
    return outcome(context.within(insight.started_at, hours=context.max_hours), told)


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
