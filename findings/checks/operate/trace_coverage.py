"""O4: what has tracing on is seen."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, not_applicable, outcome
from findings.checks.parameters import Percent
from findings.facts.base import Facts, Listing, Scope
from findings.facts.stepfunctions import StateMachine
from findings.facts.xray import SLICE_HOURS, ResourceUse, TracedService

SLICES_OF_A_DAY = 24 // SLICE_HOURS


@Check(
    title="See every traced resource in the service graph",
    row=Row.TRACING,
    scope=Scope.REGION,
    needs=(ResourceUse, StateMachine, TracedService),
    severity=Severity.MEDIUM,
    best_practices=("OPS04-BP04", "OPS04-BP05"),
    principles=(
        Principle.MANAGED_SERVICES_AND_OBSERVABILITY,
        Principle.ANTICIPATE_FAILURE,
    ),
    parameters=(Percent("min_percent", 90),),
    not_applicable_when="No function, stage or state machine with tracing on was used in the day"
    " before the scan.",
    alternatives=(Tool.TRACING,),
    remediation="For each resource that is missing look whether a sampling rule leaves it out,"
    " whether its role may write to X-Ray, and whether its instrumentation library is loaded.",
    cli=(
        "aws xray get-sampling-rules",
        "aws xray get-service-graph --start-time START --end-time END",
    ),
)
def xray_service_graph_coverage(facts: Facts, context: Context) -> Outcome:
    machines = facts.of(StateMachine)
    uses = [use for use in facts.of(ResourceUse) if _is_traced(use, machines)]
    used = {(use.service, use.name) for use in uses if use.requests > 0}
    if not used:
        return not_applicable("nothing that has tracing on was used")
    seen = _names_seen(facts)
    missing = sorted(name for _, name in used if name not in seen)
    share = 100 * (len(used) - len(missing)) / len(used)
    told = f"{len(missing)} of {len(used)} are missing: {', '.join(missing)}" if missing else ""
    return outcome(share >= context.min_percent, told)


def _is_traced(use: ResourceUse, machines: Listing[StateMachine]) -> bool:
    """Of functions and stages only those with tracing on are counted."""
    if use.service != "stepfunctions":
        return True
    machine = machines.get(use.name)
    return machine is not None and machine.is_tracing_enabled


def _names_seen(facts: Facts) -> set[str]:
    """Names of this account's services that answered traced requests in a day."""
    return {
        name
        for service in facts.of(TracedService)
        if service.owner == facts.place.account
        and any(part.requests for part in service.traffic[:SLICES_OF_A_DAY])
        for name in service.names
    }
