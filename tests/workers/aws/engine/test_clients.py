import pytest

from tests.workers.aws.scripted import serving
from workers.aws.engine.clients import Clients, process_clients


def test_a_client_is_made_once_per_service_and_region(engine):
    made = engine.clients.get("sts", "eu-west-1")
    assert engine.clients.get("sts", "eu-west-1") is made
    assert engine.clients.get("sts", "us-east-1") is not made
    assert engine.clients.get("ec2", "eu-west-1") is not made


def test_the_clients_of_a_process_are_shared():
    assert process_clients() is process_clients()


def models_read_by(clients):
    clients.get("sts", "eu-west-1")
    return clients.session.get_component("data_loader")


def test_models_of_services_are_read_once_for_all_sessions_but_from_where_each_is_told(monkeypatch):
    first, second = (models_read_by(Clients()) for _ in range(2))
    assert first is second
    monkeypatch.setenv("AWS_DATA_PATH", "/models/of/ours")
    other = models_read_by(Clients())
    assert "/models/of/ours" in other.search_paths
    assert "/models/of/ours" not in first.search_paths


def test_botocore_makes_one_attempt_and_does_not_wait_for_ever(engine):
    config = engine.clients.get("sts", "eu-west-1").meta.config
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (5, 20)
    assert config.max_pool_connections == 32


def test_an_endpoint_of_the_environment_is_followed_when_it_changes(engine, monkeypatch):
    with serving() as first, serving() as second:
        for server in (first, second):
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
            with engine.caller().calling():
                engine.clients.get("sts", "eu-west-1").get_caller_identity()
        assert (len(first.asked), len(second.asked)) == (1, 1)


def test_credentials_of_the_environment_are_never_used(engine, aws, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOFTHEHUB")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with engine.caller().calling():
        client = engine.clients.get("sts", "eu-west-1", aws.url)
        assert client.get_caller_identity()["Account"] == "AKIDFIRST"


@pytest.mark.parametrize("service", ["dynamodb", "s3", "cloudtrail", "ec2"])
def test_clients_of_every_protocol_can_be_made_without_credentials(engine, service):
    assert engine.clients.get(service, "eu-west-1").meta.region_name == "eu-west-1"
