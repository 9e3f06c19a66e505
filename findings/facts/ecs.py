"""Facts of Amazon ECS: clusters, services and task definitions."""

from __future__ import annotations

from findings.facts.base import Fact, Record


class Cluster(Fact, kind="ecs.cluster", identity=("name",), volatile=("running_tasks",)):
    """``container_insights`` is disabled, enabled or enhanced."""

    name: str
    arn: str
    status: str | None
    running_tasks: int
    active_services: int
    container_insights: str


class Container(Record):
    """A container of a task definition.

    Of its variables only the names are kept, those of secrets among them; ``has_variable_files``
    says that more of them stand in files that nobody reads here.
    """

    name: str
    image: str
    is_essential: bool
    log_driver: str | None
    variables: tuple[str, ...]
    has_variable_files: bool


class TaskDefinition(Fact, kind="ecs.task_definition", identity=("family",)):
    """The newest active revision of a family."""

    family: str
    arn: str
    revision: int | None
    containers: tuple[Container, ...]


class Deployment(Record):
    """A deployment, or a task set, of a service on Fargate."""

    status: str
    platform_version: str


class Guard(Record):
    """A circuit breaker, or alarms: whether it stops a deployment that fails, and takes it back."""

    is_enabled: bool
    rolls_back: bool


class Service(Fact, kind="ecs.service", identity=("cluster", "name")):
    """A service, as its primary task set runs where a service has task sets.

    ``status`` is ACTIVE, DRAINING or INACTIVE; ``scheduling`` REPLICA or DAEMON; ``controller``
    ECS, CODE_DEPLOY or EXTERNAL; ``strategy`` ROLLING, BLUE_GREEN, LINEAR or CANARY, of the
    controller ECS only. A service has a launch type, or else capacity providers. ``deployments``
    are those on Fargate. ``containers`` are those of the revision that it runs; None while it runs
    nothing.
    """

    cluster: str
    name: str
    arn: str
    status: str
    scheduling: str
    controller: str
    strategy: str | None
    circuit_breaker: Guard | None
    alarms: Guard | None
    launch_type: str | None
    capacity_providers: tuple[str, ...]
    platform_family: str | None
    platform_version: str | None
    deployments: tuple[Deployment, ...]
    containers: tuple[Container, ...] | None
