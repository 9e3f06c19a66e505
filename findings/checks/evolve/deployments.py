"""E1: deployments change little at a time, and are taken back when they fail."""

from __future__ import annotations

from datetime import datetime

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import PRODUCTION, Count, Days, Percent
from findings.checks.production import is_production
from findings.facts.base import Facts, not_told
from findings.facts.codedeploy import DeploymentGroup
from findings.facts.tagging import TaggedResource


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
    cli=(
        "aws deploy update-deployment-group --application-name APPLICATION"
        " --current-deployment-group-name GROUP"
        " --auto-rollback-configuration"
        " enabled=true,events=DEPLOYMENT_FAILURE,DEPLOYMENT_STOP_ON_ALARM --alarm-configuration"
        " 'enabled=true,ignorePollAlarmFailure=false,alarms=[{name=ALARM}]'",
    ),
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


@Check(
    title="Shift traffic gradually",
    row=Row.DELIVERY,
    resource=DeploymentGroup,
    needs=(TaggedResource,),
    severity=Severity.MEDIUM,
    best_practices=("OPS06-BP03",),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(Percent("min_healthy", 66), Count("min_healthy_hosts", 1), PRODUCTION),
    not_applicable_when="The group is not in production.",
    remediation="Choose a canary or linear deployment configuration for Lambda and ECS; for servers"
    " one that keeps enough of them in service, or blue/green deployments.",
    cli=(
        "aws deploy update-deployment-group --application-name APPLICATION"
        " --current-deployment-group-name GROUP"
        " --deployment-config-name CodeDeployDefault.LambdaCanary10Percent5Minutes",
        "aws deploy update-deployment-group --application-name APPLICATION"
        " --current-deployment-group-name GROUP"
        " --deployment-config-name CodeDeployDefault.OneAtATime",
    ),
)
def codedeploy_gradual_traffic_shift(
    group: DeploymentGroup, facts: Facts, context: Context
) -> Outcome:
    if not is_production(group.arn, facts, context):
        return not_applicable("it is not in production")
    if group.platform in ("Lambda", "ECS"):
        return _shifts_gradually(group)
    if group.platform not in (None, "Server"):
        return _untold(group, f"platform {group.platform}")
    if group.deployment_type == "BLUE_GREEN":
        return passed("blue/green")
    return _keeps_servers(group, context)


def _shifts_gradually(group: DeploymentGroup) -> Outcome:
    if group.traffic_routing is None:
        return _untold(group, "no trafficRoutingConfig")
    gradual = group.traffic_routing in ("TimeBasedCanary", "TimeBasedLinear")
    return outcome(gradual, f"{group.config_name} is {group.traffic_routing}")


def _keeps_servers(group: DeploymentGroup, context: Context) -> Outcome:
    """One server at a time is gradual, however many there are."""
    kept = group.minimum_healthy
    if kept is None or kept.value is None:
        return _untold(group, "no minimumHealthyHosts")
    if kept.type == "MOST_CONCURRENCY":
        return passed("one server at a time")
    limits = {"FLEET_PERCENT": context.min_healthy, "HOST_COUNT": context.min_healthy_hosts}
    if kept.type not in limits:
        return _untold(group, f"minimumHealthyHosts of type {kept.type}")
    told = f"{group.config_name} keeps {kept.value} ({kept.type}) of {limits[kept.type]:g} expected"
    return outcome(kept.value >= limits[kept.type], told)


def _untold(group: DeploymentGroup, what: str) -> Outcome:
    return unknown(not_told(group.kind, "codedeploy:GetDeploymentConfig", what))
