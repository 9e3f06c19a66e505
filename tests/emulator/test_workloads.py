"""Containers, APIs and state machines as other projects' tests make them, judged."""

import json

import boto3
import pytest

from tests.emulator.aws_states import REGION, Aws, role
from tests.emulator.conftest import moto_in_process
from workers.assess import assess

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not_applicable"
OTEL = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.0"
DAEMON = "public.ecr.aws/xray/aws-xray-daemon:3.x"
DONE = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})


def make_world():
    here = Aws(REGION)
    make_containers(here)
    here.ecr.create_repository(repositoryName="kept", imageTagMutability="IMMUTABLE")
    here.ecr.create_repository(repositoryName="moved")
    arn = role(here, "all")
    for name, tracing in (("traced", {"enabled": True}), ("dark", {"enabled": False})):
        here.stepfunctions.create_state_machine(
            name=name, definition=DONE, roleArn=arn, tracingConfiguration=tracing
        )
    here.stepfunctions.create_state_machine(name="default", definition=DONE, roleArn=arn)
    make_apis(here)


def make_containers(here):
    here.ecs.create_cluster(clusterName="shop")
    for family, image in (("otel", OTEL), ("daemon", DAEMON), ("plain", "shop:1")):
        containers = [{"name": "web", "image": image, "memory": 128}]
        here.ecs.register_task_definition(family=family, containerDefinitions=containers)
    on_fargate = {"launchType": "FARGATE", "desiredCount": 0}
    put(here, "plain", **on_fargate, platformVersion="1.3.0")
    put(here, "otel", **on_fargate, platformVersion="LATEST")
    put(here, "daemon", launchType="EC2", desiredCount=0)


def put(here, name, **settings):
    here.ecs.create_service(cluster="shop", serviceName=name, taskDefinition=name, **settings)


def make_apis(here):
    apis = here.apigateway
    api = apis.create_rest_api(name="shop")["id"]
    (top,) = apis.get_resources(restApiId=api)["items"]
    method = {"restApiId": api, "resourceId": top["id"], "httpMethod": "GET"}
    apis.put_method(**method, authorizationType="NONE")
    apis.put_integration(**method, type="MOCK")
    deployment = apis.create_deployment(restApiId=api)["id"]
    for name, tracing in (("traced", {"tracingEnabled": True}), ("default", {})):
        apis.create_stage(restApiId=api, stageName=name, deploymentId=deployment, **tracing)
    for name, tracing in (("traced", {"xrayEnabled": True}), ("default", {})):
        here.appsync.create_graphql_api(name=name, authenticationType="API_KEY", **tracing)


VERDICTS = {
    "ecr_tags_immutable": {"kept": PASS, "moved": FAIL},
    "ecs_fargate_platform_current": {
        "shop/plain": FAIL,
        "shop/otel": PASS,
        "shop/daemon": NOT_APPLICABLE,
    },
    "ecs_task_traced": {"shop/plain": FAIL, "shop/otel": PASS, "shop/daemon": PASS},
    "xray_daemon_migrated_to_otel": {"otel": PASS, "daemon": FAIL, "plain": PASS},
    "stepfunctions_tracing_enabled": {"traced": PASS, "dark": FAIL, "default": FAIL},
}
"""Check -> resource -> verdict. An account assessed alone counts as production."""

BY_ARN = {
    "apigateway_stage_tracing_enabled": [FAIL, PASS],
    "appsync_tracing_enabled": [FAIL, PASS],
}
"""Check -> verdicts on things that are known by ids that moto makes up."""


@pytest.fixture(scope="module")
def outcomes():
    """Check -> resource -> what is said of it."""
    with moto_in_process():
        make_world()
        checks = sorted({*VERDICTS, *BY_ARN})
        found = assess(boto3.Session(), regions=[REGION], checks=checks)
    said = {}
    for result in found.results:
        said.setdefault(result.check, {})[result.resource] = result.outcome
    return said


@pytest.mark.parametrize("check", VERDICTS)
def test_what_was_made_is_judged_as_everybody_would(outcomes, check):
    assert outcomes[check] == VERDICTS[check]


@pytest.mark.parametrize("check", BY_ARN)
def test_of_two_one_is_traced(outcomes, check):
    assert sorted(outcomes[check].values()) == BY_ARN[check]
