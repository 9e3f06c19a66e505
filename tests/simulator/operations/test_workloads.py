"""ECS, API Gateway, Step Functions and AppSync: what AWS refuses, and what it tells when asked."""

import pytest
from botocore.exceptions import ClientError

from simulator.facets.container_records import put_cluster, put_definition, put_service
from simulator.facets.state_machines import put_state_machine

ACCOUNT, REGION = "100000000003", "eu-west-1"


@pytest.fixture
def place(default):
    place = default.world.place(ACCOUNT, REGION)
    place.records.clear()
    return place


@pytest.fixture
def client(default, place):
    return lambda service: default.member(service, ACCOUNT, REGION)


@pytest.mark.parametrize(
    ("service", "method", "parameters", "code"),
    [
        ("apigateway", "get_stages", {"restApiId": "nowhere"}, "NotFoundException"),
        ("appsync", "list_source_api_associations", {"apiId": "x"}, "NotFoundException"),
        ("ecs", "list_services", {"cluster": "nowhere"}, "ClusterNotFoundException"),
        ("ecs", "describe_task_definition", {"taskDefinition": "x"}, "ClientException"),
        (
            "ecs",
            "describe_services",
            {"cluster": "shop", "services": ["a"] * 11},
            "InvalidParameterException",
        ),
        (
            "stepfunctions",
            "describe_state_machine",
            {"stateMachineArn": "arn:aws:states:eu-west-1:100000000003:stateMachine:x"},
            "StateMachineDoesNotExist",
        ),
    ],
)
def test_what_aws_refuses_is_refused(client, service, method, parameters, code):
    with pytest.raises(ClientError) as refused:
        getattr(client(service), method)(**parameters)
    assert refused.value.response["Error"]["Code"] == code


def test_settings_of_a_cluster_are_told_to_those_who_ask(client, place):
    arn = put_cluster(place)
    ecs = client("ecs")
    (silent,) = ecs.describe_clusters(clusters=[arn])["clusters"]
    (told,) = ecs.describe_clusters(clusters=[arn], include=["SETTINGS"])["clusters"]
    assert "settings" not in silent
    assert told["settings"] == [{"name": "containerInsights", "value": "enabled"}]


def test_a_cluster_counts_its_active_services(client, place):
    put_service(place, "web")
    put_service(place, "old", status="DRAINING")
    (found,) = client("ecs").describe_clusters(clusters=[put_cluster(place)])["clusters"]
    assert found["activeServicesCount"] == 1


def test_a_family_stands_for_its_newest_active_revision(client, place):
    for revision, status in ((9, "ACTIVE"), (10, "ACTIVE"), (11, "INACTIVE")):
        put_definition(place, "web", revision=revision, status=status)
    put_definition(place, "old", status="INACTIVE")
    ecs = client("ecs")
    found = ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]
    assert found["revision"] == 10
    assert ecs.list_task_definition_families(status="ACTIVE")["families"] == ["web"]
    assert ecs.list_task_definition_families(status="INACTIVE")["families"] == ["old"]
    assert ecs.list_task_definition_families()["families"] == ["old", "web"]


def test_a_definition_is_told_to_those_who_ask_for_all_data(client, place):
    put_state_machine(place, "checkout")
    states = client("stepfunctions")
    arn = place.arn("states", "stateMachine:checkout")
    assert "StartAt" in states.describe_state_machine(stateMachineArn=arn)["definition"]
    found = states.describe_state_machine(stateMachineArn=arn, includedData="METADATA_ONLY")
    assert found["definition"] == ""
    assert found["tracingConfiguration"] == {"enabled": False}
