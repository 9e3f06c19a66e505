"""Facts of CodeDeploy."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record
from findings.facts.histories import Happening, History


class Deployment(Record):
    """The last deployment of a group; the status is the one that CodeDeploy documents."""

    id: str | None
    status: str | None
    created_at: datetime | None
    ended_at: datetime | None


class MinimumHealthy(Record):
    """How many servers a deployment leaves in service.

    ``type`` is HOST_COUNT, FLEET_PERCENT or, of CodeDeployDefault.OneAtATime, MOST_CONCURRENCY.
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_MinimumHealthyHosts.html
    """

    type: str | None
    value: int | None


class DeploymentGroup(
    Fact,
    kind="codedeploy.deployment_group",
    identity=("application", "name"),
    volatile=("last_attempted", "last_successful"),
    version=2,
    since={"arn": 2, "traffic_routing": 2, "minimum_healthy": 2},
):
    """``platform`` is Server, Lambda or ECS.

    ``traffic_routing`` (of Lambda and ECS: TimeBasedCanary, TimeBasedLinear or AllAtOnce) and
    ``minimum_healthy`` (of servers) are those of its deployment configuration.
    """

    application: str
    name: str
    arn: str
    platform: str | None
    config_name: str | None
    traffic_routing: str | None
    minimum_healthy: MinimumHealthy | None
    deployment_type: str | None
    is_rollback_enabled: bool
    rollback_events: tuple[str, ...]
    are_alarms_enabled: bool
    ignores_alarm_poll_failure: bool
    alarms: tuple[str, ...]
    last_attempted: Deployment | None
    last_successful: Deployment | None


class GroupDeployment(Record):
    """A deployment that succeeded; ``creator`` is who made it: user, codeDeployRollback, …"""

    id: str
    application: str | None
    group: str | None
    creator: str | None
    ended_at: datetime | None

    @property
    def group_key(self) -> str:
        """The key of its deployment group."""
        return f"{self.application}/{self.group}"


class DeploymentHistory(
    Fact,
    kind="codedeploy.deployment_history",
    identity=("region",),
    volatile=("known_from", "succeeded"),
    kept=History(
        "known_from",
        {"succeeded": Happening(at=lambda made: made.ended_at, same=lambda made: made.id)},
    ),
):
    """The deployments of a region that succeeded in the last 90 days."""

    region: str
    known_from: datetime
    succeeded: tuple[GroupDeployment, ...]
