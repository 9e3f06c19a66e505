"""Deployment groups for the tables of the checks."""

from findings.facts.codedeploy import (
    Deployment,
    DeploymentGroup,
    DeploymentHistory,
    GroupDeployment,
    MinimumHealthy,
)
from tests.findings.checks.cases import ACCOUNT, REGION, ago

YESTERDAY = ago(days=1)


def deployment(created_at=YESTERDAY, ended_at=None, status="Succeeded"):
    return Deployment(id="d-1", status=status, created_at=created_at, ended_at=ended_at)


def healthy(value=66, type="FLEET_PERCENT"):
    return MinimumHealthy(type=type, value=value)


def deployment_group(**fields):
    """A group of ECS that does all that is asked of it."""
    given = {
        "application": "shop",
        "name": "prod",
        "arn": f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:shop/prod",
        "platform": "ECS",
        "config_name": "CodeDeployDefault.ECSCanary10Percent5Minutes",
        "traffic_routing": "TimeBasedCanary",
        "minimum_healthy": None,
        "deployment_type": "BLUE_GREEN",
        "is_rollback_enabled": True,
        "rollback_events": ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"),
        "are_alarms_enabled": True,
        "ignores_alarm_poll_failure": False,
        "alarms": ("shop-5xx",),
        "last_attempted": deployment(),
        "last_successful": deployment(),
    }
    return DeploymentGroup(**(given | fields))


def group_deployment(days=1.0, id=None, group="prod", creator="user", **fields):
    """A deployment to the shop that succeeded so many days ago."""
    given = {"application": "shop", "ended_at": ago(days=days)}
    return GroupDeployment(id=id or f"d-{days:g}", group=group, creator=creator, **(given | fields))


def history(*succeeded, known_from=None, region=REGION):
    return DeploymentHistory(
        region=region, known_from=known_from or ago(days=90), succeeded=succeeded
    )
