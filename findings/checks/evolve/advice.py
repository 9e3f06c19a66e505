"""E3: what AWS's advisers find is acted on."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, every, failed, outcome, part, passed, unknown
from findings.checks.parameters import Days
from findings.facts.base import Facts, Gap, GapReason, Listing, Scope
from findings.facts.trustedadvisor import Recommendation
from findings.facts.wellarchitected import Workload

SETTLED = ("dismissed", "resolved")
IMPROVING = ("IN_PROGRESS", "COMPLETE", "RISK_ACKNOWLEDGED")
SINCE_WHEN = Gap(
    kind=Recommendation.kind,
    reason=GapReason.NOT_SUPPLIED,
    operation="trustedadvisor:ListRecommendations",
)


@Check(
    title="Act on Trusted Advisor and Well-Architected findings",
    row=Row.FEEDBACK,
    scope=Scope.ACCOUNT,
    needs=(Recommendation, Workload),
    severity=Severity.LOW,
    best_practices=("OPS11-BP01", "OPS11-BP03"),
    principles=(Principle.REFINE_PROCEDURES,),
    parameters=(Days("max_age_days", 60),),
    remediation="Go through the recommendations and high risks once a month: put what is to be done"
    " into the backlog, note at the workload that it is being improved, and dismiss what the"
    " organization accepts.",
    cli=(
        "aws trustedadvisor list-recommendations --pillar operational_excellence --status error"
        " --region us-east-1",
        "aws wellarchitected update-workload --workload-id WORKLOAD_ID"
        " --improvement-status IN_PROGRESS",
    ),
)
def advisor_operational_findings_resolved(facts: Facts, context: Context) -> Outcome:
    return all_of(
        part(
            "Trusted Advisor",
            lambda: every(facts.of(Recommendation), lambda r: _is_settled_or_new(r, context)),
        ),
        part("Well-Architected", lambda: every(_workloads(facts), _is_improving)),
    )


def _is_settled_or_new(recommendation: Recommendation, context: Context) -> Outcome:
    """An error is at least as old as what AWS last wrote of it, and at most as its creation."""
    if recommendation.stage in SETTLED:
        return passed()
    created, updated = recommendation.created_at, recommendation.updated_at
    since = created or updated
    if since is None:
        return unknown(SINCE_WHEN)
    if not context.within(since, days=context.max_age_days):
        return failed(f"{recommendation.name} since {since:%Y-%m-%d}")
    return passed() if created else unknown(SINCE_WHEN)


def _workloads(facts: Facts) -> Listing[Workload]:
    """A region that does not have the Well-Architected Tool has no workloads in it."""
    listing = facts.of(Workload)
    missing = (g for g in listing.gaps if g.reason is not GapReason.SERVICE_NOT_AVAILABLE)
    return Listing(listing.known, missing)


def _is_improving(workload: Workload) -> Outcome:
    if workload.high_risks == 0:
        return passed()
    told = f"{workload.name} has {workload.high_risks} high risks"
    status = workload.improvement_status
    return outcome(status in IMPROVING, f"{told}, improvement status {status}")
