"""Clusters, services and task definitions as AWS describes them, for every facet that puts one."""

from typing import Any

from simulator.facets.production import in_production
from simulator.places import Place

CLUSTERS, SERVICES, DEFINITIONS = "ecs.clusters", "ecs.services", "ecs.task_definitions"
INSIGHTS = "ecs_container_insights_enabled"
GUARDED, PLATFORM = "ecs_deployment_guarded", "ecs_fargate_platform_current"
TRACED, MIGRATED = "ecs_task_traced", "xray_daemon_migrated_to_otel"
COLLECTOR = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.0"
Record = dict[str, Any]


def put_cluster(
    place: Place,
    name: str = "shop",
    *,
    insights: str = "enabled",
    answer: str = "pass",
    running: int = 2,
) -> str:
    """A cluster in which tasks run, once; its ARN."""
    arn = place.arn("ecs", f"cluster/{name}")
    if place.find(CLUSTERS, clusterArn=arn) is None:
        place.put(
            CLUSTERS,
            {
                "clusterArn": arn,
                "clusterName": name,
                "status": "ACTIVE",
                "registeredContainerInstancesCount": 0,
                "runningTasksCount": running,
                "pendingTasksCount": 0,
                "settings": [{"name": "containerInsights", "value": insights}],
                "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            },
        )
        place.expect(INSIGHTS, answer, resource=name)
    return arn


def container(name: str = "web", image: str = "", **changed: Any) -> Record:
    return {
        "name": name,
        "image": image or f"example/{name}:1.12",
        "cpu": 0,
        "essential": True,
        "environment": [{"name": "STAGE", "value": "live"}],
        "logConfiguration": {"logDriver": "awslogs"},
        **changed,
    }


def put_definition(
    place: Place,
    family: str = "shop-web",
    *containers: Record,
    revision: int = 7,
    migrated: str = "pass",
    **changed: Any,
) -> str:
    """A revision of a family, with a collector of traces unless told otherwise, once; its ARN."""
    arn = place.arn("ecs", f"task-definition/{family}:{revision}")
    if place.find(DEFINITIONS, taskDefinitionArn=arn) is None:
        place.put(
            DEFINITIONS,
            {
                "taskDefinitionArn": arn,
                "family": family,
                "revision": revision,
                "status": "ACTIVE",
                "containerDefinitions": list(
                    containers or (container(), container("collector", COLLECTOR))
                ),
                "networkMode": "awsvpc",
                "requiresCompatibilities": ["FARGATE"],
                "registeredAt": place.ago(days=20),
                **changed,
            },
        )
        place.expect(MIGRATED, migrated, resource=family)
    return arn


def put_service(
    place: Place,
    name: str,
    *,
    guarded: str = "pass",
    platform: str = "pass",
    traced: str | None = None,
    definition: str = "",
    **changed: Any,
) -> None:
    """A service on Fargate that does all that is asked of it."""
    cluster = put_cluster(place)
    arn = place.arn("ecs", f"service/shop/{name}")
    definition = definition or put_definition(place)
    place.put(
        SERVICES,
        {
            "serviceArn": arn,
            "_arn": arn,
            "serviceName": name,
            "clusterArn": cluster,
            "status": "ACTIVE",
            "desiredCount": 2,
            "runningCount": 2,
            "pendingCount": 0,
            "launchType": "FARGATE",
            "platformVersion": "LATEST",
            "platformFamily": "Linux",
            "taskDefinition": definition,
            "deploymentConfiguration": configuration(breaker=(True, True)),
            "deployments": [deployment(place, name, definition)],
            "schedulingStrategy": "REPLICA",
            "deploymentController": {"type": "ECS"},
            "createdAt": place.ago(days=150),
            **changed,
        },
    )
    traced = in_production(place, "pass") if traced is None else traced
    for check, status in ((GUARDED, guarded), (PLATFORM, platform), (TRACED, traced)):
        place.expect(check, status, resource=f"shop/{name}")


def deployment(place: Place, name: str, definition: str, **changed: Any) -> Record:
    """The primary deployment of a service; also the shape of a task set."""
    return {
        "id": f"ecs-svc/{place.number(f'deployment {name}', 10**12)}",
        "status": "PRIMARY",
        "taskDefinition": definition,
        "pendingCount": 0,
        "runningCount": 2,
        "createdAt": place.ago(days=20),
        "updatedAt": place.ago(days=20),
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        **changed,
    }


def configuration(
    *,
    breaker: tuple[bool, bool] | None = None,
    alarms: tuple[bool, bool] | None = None,
    strategy: str | None = "ROLLING",
) -> Record:
    """Circuit breaker and alarms as (enabled, rolls back)."""
    found: Record = {"maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": strategy}
    if breaker is not None:
        found["deploymentCircuitBreaker"] = {"enable": breaker[0], "rollback": breaker[1]}
    if alarms is not None:
        named = {"alarmNames": ["shop-errors"]}
        found["alarms"] = named | {"enable": alarms[0], "rollback": alarms[1]}
    return found
