"""O3: operators see every account from one place."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, every, failed, not_applicable, outcome, part
from findings.checks.parameters import Count, Flag
from findings.facts.base import Facts, Place, Scope
from findings.facts.cloudwatch import Alarm
from findings.facts.dashboards import Dashboard


@Check(
    title="Provide operations dashboards",
    row=Row.MONITORING,
    scope=Scope.ACCOUNT,
    needs=(Dashboard, At(Scope.ORGANIZATION, Alarm)),
    severity=Severity.LOW,
    best_practices=("OPS08-BP05", "OPS10-BP06"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Count("min_dashboards", 1), Flag("external_dashboards", False)),
    not_applicable_when="external_dashboards says that the account's dashboards are kept in a"
    " monitoring account or another tool.",
    remediation="Add a dashboard per service to the stack that owns it, and take alarms that no"
    " longer exist off the others.",
    cli=(
        "aws cloudwatch put-dashboard --dashboard-name SERVICE --dashboard-body file://SERVICE.json",
    ),
)
def cloudwatch_dashboard_present(facts: Facts, context: Context) -> Outcome:
    if context.external_dashboards:
        return not_applicable("its dashboards are kept elsewhere")
    return all_of(
        part("dashboards", lambda: _are_enough(facts, context)),
        part("alarms exist", lambda: every(facts.of(Dashboard), lambda one: _is_true(one, facts))),
    )


def _are_enough(facts: Facts, context: Context) -> Outcome:
    count = len(facts.of(Dashboard))
    return outcome(count >= context.min_dashboards, f"{count} dashboards")


def _is_true(dashboard: Dashboard, facts: Facts) -> Outcome:
    """Whether every alarm that it shows exists, in whichever account of the organization."""
    return every(dashboard.alarms, lambda arn: _exists(arn, dashboard, facts))


def _exists(arn: str, dashboard: Dashboard, facts: Facts) -> Outcome:
    parts = arn.split(":", 6)
    told = f"{dashboard.name} shows {arn}, which does not exist"
    if len(parts) < 7:
        return failed(told)
    found = facts.at(Alarm, Place(parts[4], parts[3])).get(parts[6])
    return outcome(found is not None, told if found is None else "")
