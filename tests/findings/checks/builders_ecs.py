"""Clusters, services and task definitions for the tables of the checks."""

from findings.facts.ecs import Cluster, Container, Deployment, Guard, Service, TaskDefinition
from tests.findings.checks.cases import ACCOUNT, REGION


def ecs_arn(resource):
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:{resource}"


def cluster(name="shop", **fields):
    given = {
        "arn": ecs_arn(f"cluster/{name}"),
        "status": "ACTIVE",
        "running_tasks": 2,
        "active_services": 1,
        "container_insights": "enabled",
    }
    return Cluster(name=name, **(given | fields))


def container(image="example/web:1.12", **fields):
    given = {
        "name": "web",
        "is_essential": True,
        "log_driver": "awslogs",
        "variables": (),
        "has_variable_files": False,
    }
    return Container(image=image, **(given | fields))


def definition(*containers, family="web"):
    arn = ecs_arn(f"task-definition/{family}:7")
    return TaskDefinition(family=family, arn=arn, revision=7, containers=containers)


def deployment(version="1.4.0", status="PRIMARY"):
    return Deployment(status=status, platform_version=version)


def guard(is_enabled=True, rolls_back=True):
    return Guard(is_enabled=is_enabled, rolls_back=rolls_back)


def service(name="web", **fields):
    """A service on Fargate that nothing guards and nothing traces."""
    given = {
        "cluster": "shop",
        "arn": ecs_arn(f"service/shop/{name}"),
        "status": "ACTIVE",
        "scheduling": "REPLICA",
        "controller": "ECS",
        "strategy": "ROLLING",
        "circuit_breaker": None,
        "alarms": None,
        "launch_type": "FARGATE",
        "capacity_providers": (),
        "platform_family": "Linux",
        "platform_version": "LATEST",
        "deployments": (deployment(),),
        "containers": (container(),),
    }
    return Service(name=name, **(given | fields))
