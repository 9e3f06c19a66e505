"""E2: what AWS ends or changes is planned for before it comes."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, outcome
from findings.checks.parameters import Days
from findings.facts.base import Facts
from findings.facts.health import ScheduledChange


@Check(
    title="Plan upcoming AWS lifecycle events",
    row=Row.INFRASTRUCTURE,
    resource=ScheduledChange,
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP05", "OPS04-BP04"),
    principles=(Principle.REFINE_PROCEDURES, Principle.ANTICIPATE_FAILURE),
    parameters=(Days("warn_days", 90),),
    remediation="Give the event to the team that owns what it affects, schedule the upgrade before"
    " its date, and acknowledge the finding by a suppression that ends on that date.",
    cli=(
        "aws health describe-affected-accounts-for-organization --event-arn EVENT_ARN"
        " --region us-east-1",
        "aws health describe-event-details-for-organization"
        " --organization-event-detail-filters eventArn=EVENT_ARN,awsAccountId=ACCOUNT"
        " --region us-east-1",
    ),
)
def health_lifecycle_events_planned(
    change: ScheduledChange, facts: Facts, context: Context
) -> Outcome:
    starts_at = change.starts_at
    told = f"{change.type} in {change.region}: {change.status} for {starts_at:%Y-%m-%d}"
    return outcome(not context.is_due_within(starts_at, days=context.warn_days), told)
