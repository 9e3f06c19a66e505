"""Facts of CodeDeploy."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record


class Deployment(Record):
    """The last deployment of a group; the status is the one that CodeDeploy documents."""

    id: str | None
    status: str | None
    created_at: datetime | None
    ended_at: datetime | None


class DeploymentGroup(
    Fact,
    kind="codedeploy.deployment_group",
    identity=("application", "name"),
    volatile=("last_attempted", "last_successful"),
):
    """``platform`` is Server, Lambda or ECS."""

    application: str
    name: str
    platform: str | None
    config_name: str | None
    deployment_type: str | None
    is_rollback_enabled: bool
    rollback_events: tuple[str, ...]
    are_alarms_enabled: bool
    ignores_alarm_poll_failure: bool
    alarms: tuple[str, ...]
    last_attempted: Deployment | None
    last_successful: Deployment | None
