import socket
from urllib.parse import urlsplit

import pytest
import urllib3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from simulator.credentials import Credentials
from simulator.operations.base import _operations

MEMBER = "100000000003"


def error(function, **parameters):
    with pytest.raises(ClientError) as caught:
        function(**parameters)
    return caught.value.response["Error"]


def test_health_tells_what_a_client_needs_to_begin(default):
    health = default.get("health")
    assert health["http_status"] == 200
    assert health["management_account"] == "100000000001"
    assert health["external_id"] == default.world.external_id
    keys = Credentials(
        access_key_id=health["access_key_id"], secret_access_key=health["secret_access_key"]
    )
    assert default.client("sts", credentials=keys).get_caller_identity()


def test_calls_are_counted(default):
    for _ in range(3):
        default.client("sts").get_caller_identity()
    assert default.get("calls")["calls"] == {"sts:GetCallerIdentity": 3}


def test_an_operation_that_is_not_simulated_says_so_and_is_counted(default):
    wrong = error(default.client("iam").list_users)
    assert wrong["Code"] == "NotImplementedBySimulator"
    assert default.get("calls")["not_simulated"] == {"iam:ListUsers": 1}


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (lambda call: {"Regions": [{"Name": "x"}]}, "Region has no member Name"),
        (lambda call: {"Regions": 1 / 0}, "ZeroDivisionError"),
    ],
)
def test_an_answer_that_does_not_fit_fails_loudly(default, monkeypatch, answer, complaint):
    monkeypatch.setitem(_operations, ("ec2", "DescribeRegions"), answer)
    with pytest.raises(ClientError) as caught:
        default.client("ec2").describe_regions()
    metadata = caught.value.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 500
    assert complaint in metadata["HTTPHeaders"]["x-simulator-misfit"]
    (misfit,) = default.get("calls")["misfits"]
    assert complaint in misfit


def test_the_day_may_be_changed_at_run_time(default):
    assert default.post("day", day=2)["accounts"] == 25
    pages = default.client("organizations").get_paginator("list_accounts").paginate()
    assert "reporting-prod" in {a["Name"] for page in pages for a in page["Accounts"]}


def test_moving_the_clock_moves_only_what_moves(default):
    client = default.member("cloudtrail", MEMBER)
    (before,) = client.describe_trails()["trailList"]
    default.post("now", now="2027-01-01T00:00:00+00:00")
    assert default.world.clock().year == 2027
    assert client.describe_trails()["trailList"] == [before]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("faults", {"faults": ["nonsense"]}),
        ("faults", {}),
        ("day", {"day": 0}),
        ("day", {"day": "two"}),
        ("now", {"now": "soon"}),
        ("now", {"now": "2027-01-01T00:00:00"}),
    ],
)
def test_bad_steering_is_refused_in_words(default, name, content):
    reply = default.post(name, **content)
    assert reply["http_status"] == 400
    assert reply["error"].startswith(f"{name}: ")
    assert default.get("health")["day"] == 1


def test_what_is_not_there_is_not_found(default):
    assert default.get("nothing")["http_status"] == 404


def test_an_unsigned_request_is_refused(default):
    client = default.client("sts", config=Config(signature_version=UNSIGNED))
    assert error(client.get_caller_identity)["Code"] == "MissingAuthenticationToken"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("organizations", "list_accounts", "UnrecognizedClientException"),
        ("ec2", "describe_regions", "AuthFailure"),
    ],
)
def test_an_unknown_key_is_refused_in_the_words_of_the_service(default, service, operation, code):
    keys = Credentials(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="x")
    client = default.client(service, credentials=keys)
    assert error(getattr(client, operation))["Code"] == code


def test_the_key_of_an_account_outside_the_organization_is_unknown(default):
    client = default.member("sts", "999999999999")
    assert error(client.get_caller_identity)["Code"] == "InvalidClientTokenId"


def test_connections_are_kept(default):
    target = urlsplit(default.url)
    with socket.create_connection((target.hostname, target.port)) as connection:
        for _ in range(2):
            connection.sendall(b"GET /_simulator/calls HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_a_service_that_no_one_knows_is_refused(default):
    scope = f"{default.world.credentials.access_key_id}/20260101/us-east-1/nonsense/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=x"}
    assert urllib3.request("POST", default.url, headers=headers).status == 403
