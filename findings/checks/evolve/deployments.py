"""E1: deployments are taken back when they fail."""

from __future__ import annotations

from datetime import datetime

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, not_applicable, part
from findings.checks.parameters import Days
from findings.facts.base import Facts
from findings.facts.codedeploy import DeploymentGroup


@Check(
    title="Roll deployments back automatically on failure and alarm",
    row=Row.DELIVERY,
    resource=DeploymentGroup,
    severity=Severity.HIGH,
    best_practices=("OPS06-BP04", "OPS06-BP01"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(Days("max_idle_days", 180),),
    not_applicable_when="The group had no deployment for max_idle_days.",
    remediation="Turn on automatic rollback of the deployment group for failed deployments and for"
    " alarms, and name the alarms of the service in its alarm configuration.",
)
def codedeploy_auto_rollback_and_alarms(
    group: DeploymentGroup, facts: Facts, context: Context
) -> Outcome:
    deployed = _last_deployed(group)
    if deployed is None or not context.within(deployed, days=context.max_idle_days):
        return not_applicable("it is not deployed to")
    return all_of(
        part("rollback on", lambda: group.is_rollback_enabled),
        part("after failure", lambda: "DEPLOYMENT_FAILURE" in group.rollback_events),
        part("after alarm", lambda: "DEPLOYMENT_STOP_ON_ALARM" in group.rollback_events),
        part("alarms on", lambda: group.are_alarms_enabled),
        part("alarms named", lambda: bool(group.alarms)),
        part("alarms must be readable", lambda: not group.ignores_alarm_poll_failure),
    )


def _last_deployed(group: DeploymentGroup) -> datetime | None:
    found = (group.last_attempted, group.last_successful)
    instants = [d.created_at or d.ended_at for d in found if d is not None]
    return max((at for at in instants if at is not None), default=None)
