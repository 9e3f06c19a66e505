"""Clusters, services and task definitions."""

import pytest

from findings.facts.base import GapReason
from findings.facts.ecs import Deployment, Guard
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.ecs import (
    clusters,
    parse_cluster,
    parse_service,
    parse_task_definition,
    services,
    task_definitions,
)

PREFIX = "arn:aws:ecs:eu-west-1:111111111111"
CLUSTER = f"{PREFIX}:cluster/shop"
SERVICE = f"{PREFIX}:service/shop/web"
REVISION = f"{PREFIX}:task-definition/web:7"
WEB = {"name": "web", "image": "example/web:1"}
DEFINED = {"taskDefinition": {"taskDefinitionArn": REVISION, "containerDefinitions": [WEB]}}
RUNNING = {"serviceArn": SERVICE, "status": "ACTIVE", "taskDefinition": REVISION}
FARGATE = {"launchType": "FARGATE", "platformVersion": "1.4.0"}


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def parsed(definition=DEFINED, **fields):
    return parse_service(RUNNING | fields, "shop", definition)


# clusters
def test_clusters_are_described_a_hundred_at_once_with_their_settings(session):
    arns = [f"{CLUSTER}{number}" for number in range(101)]
    session.answer("ecs", "list_clusters", {"clusterArns": arns})
    for part in (arns[:100], arns[100:]):
        found = {"clusters": [{"clusterArn": arn} for arn in part]}
        session.answer("ecs", "describe_clusters", found, clusters=part, include=["SETTINGS"])
    assert len(list(clusters(session))) == 101


def test_a_cluster_is_called_by_its_name():
    setting = {"name": "containerInsights", "value": "enhanced"}
    cluster = parse_cluster(
        {
            "clusterArn": CLUSTER,
            "runningTasksCount": 0,
            "activeServicesCount": 3,
            "settings": [setting],
        }
    )
    assert (cluster.key, cluster.running_tasks, cluster.active_services) == ("shop", 0, 3)
    assert cluster.container_insights == "enhanced"


def test_what_a_cluster_does_not_tell_is_not_known():
    cluster = parse_cluster({"clusterArn": CLUSTER, "settings": [{"value": "enabled"}]})
    assert cluster.gaps.keys() == {"running_tasks", "active_services", "container_insights"}


# task definitions
def test_the_newest_active_revision_of_each_active_family_is_read(session):
    families = {"families": ["gone", "web"]}
    session.answer("ecs", "list_task_definition_families", families, status="ACTIVE")
    session.refuse("ecs", "describe_task_definition", "ClientException")
    session.answer("ecs", "describe_task_definition", DEFINED, taskDefinition="web")
    (definition,) = task_definitions(session)
    assert (definition.key, definition.arn) == ("web", REVISION)
    (container,) = definition.containers
    assert (container.image, container.is_essential) == ("example/web:1", True)
    assert (container.log_driver, container.has_variable_files) == (None, False)


def test_a_denied_definition_is_known_by_its_family(session):
    session.answer("ecs", "list_task_definition_families", {"families": ["web"]}, status="ACTIVE")
    session.refuse("ecs", "describe_task_definition", "AccessDeniedException")
    (definition,) = task_definitions(session)
    assert definition.gaps["containers"].reason is GapReason.ACCESS_DENIED


def test_of_variables_and_secrets_only_names_are_kept():
    raw = WEB | {
        "essential": False,
        "environment": [{"name": "B", "value": "hunter2"}, {"value": "x"}],
        "secrets": [{"name": "A", "valueFrom": "arn:hunter2"}],
        "environmentFiles": [{"value": "arn:hunter2", "type": "s3"}],
        "logConfiguration": {"logDriver": "awslogs", "options": {"x": "hunter2"}},
    }
    answer = {"taskDefinition": {"containerDefinitions": [raw]}}
    (container,) = parse_task_definition("web", answer).containers
    assert (container.variables, container.has_variable_files) == (("A", "B"), True)
    assert (container.log_driver, container.is_essential) == ("awslogs", False)
    assert "hunter2" not in repr(container)


def test_containers_that_are_left_out_or_have_no_image_are_not_known():
    assert "containers" in parse_task_definition("web", {}).gaps
    answer = {"taskDefinition": {"containerDefinitions": [WEB, {"name": "x"}]}}
    assert "containers" in parse_task_definition("web", answer).gaps


# services
def test_services_are_described_ten_at_once_and_a_revision_once(session):
    arns = [f"{SERVICE}{number}" for number in range(11)]
    session.answer("ecs", "list_clusters", {"clusterArns": [CLUSTER]})
    listed = {"serviceArns": arns}
    session.answer("ecs", "list_services", listed, cluster=CLUSTER, maxResults=100)
    for part in (arns[:10], arns[10:]):
        found = {"services": [RUNNING | {"serviceArn": arn} for arn in part]}
        session.answer("ecs", "describe_services", found, cluster=CLUSTER, services=part)
        if part == arns[:10]:
            session.answer("ecs", "describe_task_definition", DEFINED, taskDefinition=REVISION)
    found = list(services(session))
    assert found[0].key == "shop/web0"
    assert {one.containers[0].image for one in found} == {"example/web:1"}
    assert len(found) == 11


def test_a_cluster_that_was_deleted_meanwhile_has_no_services(session):
    session.answer("ecs", "list_clusters", {"clusterArns": [CLUSTER]})
    session.refuse("ecs", "list_services", "ClusterNotFoundException")
    assert list(services(session)) == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "ClientException"])
def test_a_definition_that_is_not_told_costs_only_the_containers(session, code):
    session.answer("ecs", "list_clusters", {"clusterArns": [CLUSTER]})
    session.answer("ecs", "list_services", {"serviceArns": [SERVICE]})
    session.answer("ecs", "describe_services", {"services": [RUNNING]})
    session.refuse("ecs", "describe_task_definition", code)
    (service,) = services(session)
    assert service.status == "ACTIVE"
    assert service.gaps["containers"].code == code


def test_a_service_is_as_it_says():
    service = parsed(
        schedulingStrategy="REPLICA",
        deploymentConfiguration={
            "strategy": "ROLLING",
            "deploymentCircuitBreaker": {"enable": True, "rollback": False},
            "alarms": {"alarmNames": ["a"], "enable": False, "rollback": True},
        },
        deployments=[{"status": "PRIMARY", **FARGATE}],
        platformFamily="Linux",
        **FARGATE,
    )
    assert service.gaps == {}
    assert (service.scheduling, service.controller, service.strategy) == (
        "REPLICA",
        "ECS",
        "ROLLING",
    )
    assert service.circuit_breaker == Guard(is_enabled=True, rolls_back=False)
    assert service.alarms == Guard(is_enabled=False, rolls_back=True)
    assert (service.launch_type, service.platform_family) == ("FARGATE", "Linux")
    assert service.deployments == (Deployment(status="PRIMARY", platform_version="1.4.0"),)


def test_settings_without_guards_have_none():
    service = parsed(deploymentConfiguration={"maximumPercent": 200})
    assert (service.circuit_breaker, service.alarms, service.strategy) == (None, None, None)


def test_what_a_service_does_not_tell_is_not_known():
    service = parse_service({"serviceArn": SERVICE}, "shop", None)
    assert service.gaps.keys() == {
        "status",
        "scheduling",
        "strategy",
        "circuit_breaker",
        "alarms",
        "launch_type",
        "deployments",
        "containers",
    }


def test_capacity_providers_stand_for_a_launch_type():
    strategy = [{"capacityProvider": "FARGATE_SPOT"}, {"capacityProvider": "FARGATE"}]
    spot = {"status": "PRIMARY", "platformVersion": "1.3.0", "capacityProviderStrategy": strategy}
    service = parsed(capacityProviderStrategy=strategy, deployments=[spot])
    assert service.capacity_providers == ("FARGATE", "FARGATE_SPOT")
    assert service.launch_type is None
    assert [one.platform_version for one in service.deployments] == ["1.3.0"]


def test_deployments_elsewhere_have_no_version():
    on_servers = {"status": "ACTIVE", "launchType": "EC2"}
    service = parsed(deployments=[on_servers, {"status": "PRIMARY", **FARGATE}])
    assert [one.status for one in service.deployments] == ["PRIMARY"]


@pytest.mark.parametrize("untold", ["status", "platformVersion"])
def test_a_deployment_on_fargate_that_does_not_say_all_leaves_them_unknown(untold):
    one = {"status": "PRIMARY", **FARGATE}
    del one[untold]
    assert "deployments" in parsed(deployments=[one]).gaps


def test_the_primary_task_set_stands_for_the_service(session):
    other = f"{PREFIX}:task-definition/web:8"
    sets = [
        {"status": "ACTIVE", "taskDefinition": f"{REVISION}9"},
        {"status": "PRIMARY", "taskDefinition": other, **FARGATE},
    ]
    raw = {
        "serviceArn": SERVICE,
        "deploymentController": {"type": "CODE_DEPLOY"},
        "platformVersion": "1.3.0",
        "taskSets": sets,
        "taskDefinition": REVISION,
    }
    session.answer("ecs", "list_clusters", {"clusterArns": [CLUSTER]})
    session.answer("ecs", "list_services", {"serviceArns": [SERVICE]})
    session.answer("ecs", "describe_services", {"services": [raw]})
    session.answer("ecs", "describe_task_definition", DEFINED, taskDefinition=other)
    (service,) = services(session)
    assert (service.launch_type, service.platform_version) == ("FARGATE", "1.4.0")
    assert service.deployments == (Deployment(status="PRIMARY", platform_version="1.4.0"),)


def test_an_external_service_without_task_sets_runs_nothing():
    raw = {"deploymentController": {"type": "EXTERNAL"}, "taskSets": []}
    service = parse_service({"serviceArn": SERVICE} | raw, "shop", None)
    assert (service.containers, service.launch_type, service.deployments) == (None, None, ())


def test_task_sets_that_are_left_out_are_not_known():
    raw = {"deploymentController": {"type": "EXTERNAL"}, "deployments": []}
    assert "deployments" in parse_service({"serviceArn": SERVICE} | raw, "shop", None).gaps
