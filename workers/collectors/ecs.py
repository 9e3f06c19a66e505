"""Collectors of Amazon ECS. Of a container's variables only the names become facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from findings.facts.base import Gap, not_told
from findings.facts.ecs import Cluster, Container, Deployment, Guard, Service, TaskDefinition
from workers.collectors.base import Collector, Response, Session, in_batches, pick, told

CLUSTERS_AT_ONCE = 100
SERVICES_AT_ONCE = 10
SERVICES_OF_A_PAGE = 100

DESCRIBE_CLUSTERS = "ecs:DescribeClusters"
DESCRIBE_SERVICES = "ecs:DescribeServices"
DESCRIBE_DEFINITION = "ecs:DescribeTaskDefinition"
FARGATE = ("FARGATE", "FARGATE_SPOT")
OF_A_TASK_SET = ("taskDefinition", "launchType", "capacityProviderStrategy", "platformVersion")


@Collector(fact=Cluster, operations=("ecs:ListClusters", DESCRIBE_CLUSTERS))
def clusters(session: Session) -> Iterator[Cluster]:
    client = session.client("ecs")
    for arns in in_batches(_cluster_arns(session), CLUSTERS_AT_ONCE):
        found = client.describe_clusters(clusters=arns, include=["SETTINGS"])
        for raw in found.get("clusters") or ():
            yield parse_cluster(raw)


def _cluster_arns(session: Session) -> Iterator[str]:
    return session.items("ecs", "list_clusters", "clusterArns")


def parse_cluster(raw: Response) -> Cluster:
    untold: Any = not_told(Cluster.kind, DESCRIBE_CLUSTERS)
    settings = raw.get("settings") or ()
    insights = [one.get("value") for one in settings if one.get("name") == "containerInsights"]
    return Cluster(
        name=raw.get("clusterName") or name_in(raw["clusterArn"]),
        arn=told(raw, "clusterArn", Cluster, DESCRIBE_CLUSTERS),
        status=raw.get("status"),
        running_tasks=told(raw, "runningTasksCount", Cluster, DESCRIBE_CLUSTERS),
        active_services=told(raw, "activeServicesCount", Cluster, DESCRIBE_CLUSTERS),
        container_insights=next(filter(None, insights), untold),
    )


def name_in(arn: str) -> str:
    """The name at the end of the ARN of a cluster or service, in the short and the long format."""
    return arn.rpartition("/")[2]


@Collector(fact=TaskDefinition, operations=("ecs:ListTaskDefinitionFamilies", DESCRIBE_DEFINITION))
def task_definitions(session: Session) -> Iterator[TaskDefinition]:
    client = session.client("ecs")
    families = session.items("ecs", "list_task_definition_families", "families", status="ACTIVE")
    for family in families:
        try:
            answer = session.detail(client.describe_task_definition, taskDefinition=family)
        except client.exceptions.ClientException:
            continue  # its last revision was deregistered after it was listed
        yield parse_task_definition(family, answer)


def parse_task_definition(family: str, answer: Response | Gap) -> TaskDefinition:
    untold = not_told(TaskDefinition.kind, DESCRIBE_DEFINITION)
    return TaskDefinition(
        family=family,
        arn=pick(answer, "taskDefinition", "taskDefinitionArn", default=untold),
        revision=pick(answer, "taskDefinition", "revision"),
        containers=containers_of(answer, untold),
    )


def containers_of(answer: Response | Gap, untold: Gap) -> Any:
    """The containers of a description of a task definition, or the gap in their place."""
    raw = pick(answer, "taskDefinition", "containerDefinitions", default=untold)
    if isinstance(raw, Gap):
        return raw
    if any(not one.get("image") for one in raw):
        return untold
    return tuple(map(_container, raw))


def _container(raw: Response) -> Container:
    """A container is essential unless it says otherwise."""
    pairs = (*(raw.get("environment") or ()), *(raw.get("secrets") or ()))
    return Container(
        name=raw.get("name", ""),
        image=raw["image"],
        is_essential=raw.get("essential", True),
        log_driver=pick(raw, "logConfiguration", "logDriver"),
        variables=tuple(sorted({pair["name"] for pair in pairs if pair.get("name")})),
        has_variable_files=bool(raw.get("environmentFiles")),
    )


@Collector(
    fact=Service,
    operations=("ecs:ListClusters", "ecs:ListServices", DESCRIBE_SERVICES, DESCRIBE_DEFINITION),
)
def services(session: Session) -> Iterator[Service]:
    known: dict[str, Response | Gap] = {}
    for cluster in _cluster_arns(session):
        for raw in _services_of(session, cluster):
            arn = running(raw).get("taskDefinition")
            if arn and arn not in known:
                known[arn] = _definition(session, arn)
            yield parse_service(raw, name_in(cluster), known.get(arn or ""))


def _services_of(session: Session, cluster: str) -> Iterator[Response]:
    client = session.client("ecs")
    try:
        arns = list(
            session.items(
                "ecs",
                "list_services",
                "serviceArns",
                cluster=cluster,
                maxResults=SERVICES_OF_A_PAGE,
            )
        )
    except client.exceptions.ClusterNotFoundException:
        return  # it was deleted after it was listed
    for batch in in_batches(arns, SERVICES_AT_ONCE):
        yield from client.describe_services(cluster=cluster, services=batch).get("services") or ()


def _definition(session: Session, arn: str) -> Response | Gap:
    client = session.client("ecs")
    try:
        return session.detail(client.describe_task_definition, taskDefinition=arn)
    except client.exceptions.ClientException:
        return not_told(Service.kind, DESCRIBE_DEFINITION, "ClientException")


def running(raw: Response) -> Response:
    """A service, with what its primary task set has of its own in place of the service's."""
    sets = (one for one in raw.get("taskSets") or () if one.get("status") == "PRIMARY")
    primary: Mapping[str, Any] = next(sets, {})
    return {**raw, **{name: primary[name] for name in OF_A_TASK_SET if primary.get(name)}}


def parse_service(raw: Response, cluster: str, definition: Response | Gap | None) -> Service:
    """Without a controller it is that of ECS; ``definition`` is None where nothing is run."""
    now = running(raw)
    untold: Any = not_told(Service.kind, DESCRIBE_SERVICES)
    controller = pick(raw, "deploymentController", "type", default="ECS")
    settings: Any = raw.get("deploymentConfiguration")
    launch_type, providers = now.get("launchType"), _providers(now)
    is_idle = definition is None and controller == "EXTERNAL"
    return Service(
        cluster=cluster,
        name=raw.get("serviceName") or name_in(raw["serviceArn"]),
        arn=told(raw, "serviceArn", Service, DESCRIBE_SERVICES),
        status=told(raw, "status", Service, DESCRIBE_SERVICES),
        scheduling=told(raw, "schedulingStrategy", Service, DESCRIBE_SERVICES),
        controller=controller,
        strategy=untold if settings is None else settings.get("strategy"),
        circuit_breaker=untold
        if settings is None
        else _guard(settings, "deploymentCircuitBreaker"),
        alarms=untold if settings is None else _guard(settings, "alarms"),
        launch_type=launch_type if launch_type or providers or is_idle else untold,
        capacity_providers=providers,
        platform_family=now.get("platformFamily"),
        platform_version=now.get("platformVersion"),
        deployments=_deployments(raw, controller),
        containers=_containers(definition, is_idle=is_idle),
    )


def _providers(raw: Response) -> tuple[str, ...]:
    items = raw.get("capacityProviderStrategy") or ()
    return tuple(sorted(item["capacityProvider"] for item in items))


def _guard(settings: Response, name: str) -> Guard | None:
    raw = settings.get(name)
    return Guard(is_enabled=raw["enable"], rolls_back=raw["rollback"]) if raw else None


def _containers(definition: Response | Gap | None, *, is_idle: bool) -> Any:
    if definition is None and is_idle:
        return None
    untold = not_told(Service.kind, DESCRIBE_DEFINITION)
    return containers_of(untold if definition is None else definition, untold)


def _deployments(raw: Response, controller: str) -> Any:
    """Deployments and task sets; a gap where one on Fargate does not say what it runs on."""
    untold = not_told(Service.kind, DESCRIBE_SERVICES)
    kept = "deployments" if controller == "ECS" else "taskSets"
    if raw.get(kept) is None:
        return untold
    both = (*(raw.get("deployments") or ()), *(raw.get("taskSets") or ()))
    found = [one for one in both if one.get("launchType") in FARGATE or _is_on_fargate(one)]
    if any(not one.get("status") or not one.get("platformVersion") for one in found):
        return untold
    distinct = {(one["status"], one["platformVersion"]) for one in found}
    return tuple(Deployment(status=s, platform_version=v) for s, v in sorted(distinct))


def _is_on_fargate(raw: Response) -> bool:
    return any(provider in FARGATE for provider in _providers(raw))
