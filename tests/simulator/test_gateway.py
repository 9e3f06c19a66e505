import botocore.model
import pytest
import urllib3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from simulator.operations.base import _operations

MEMBER = "100000000003"


def error(function, **parameters):
    with pytest.raises(ClientError) as caught:
        function(**parameters)
    return caught.value.response["Error"]


def test_an_operation_that_is_not_simulated_says_so_and_is_counted(default):
    wrong = error(default.client("iam").list_users)
    assert wrong["Code"] == "NotImplementedBySimulator"
    assert default.get("calls")["not_simulated"] == {"iam:ListUsers": 1}


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (lambda call: {"Regions": [{"Name": "x"}]}, "Region has no member Name"),
        (lambda call: {"Regions": 1 / 0}, "ZeroDivisionError"),
        (lambda call: {"Regions": "zwölf\n"}, "is a list"),
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


def test_an_unsigned_request_is_refused(default):
    client = default.client("sts", config=Config(signature_version=UNSIGNED))
    assert error(client.get_caller_identity)["Code"] == "MissingAuthenticationToken"


def test_a_service_that_no_one_knows_is_refused(default):
    scope = f"{default.world.credentials.access_key_id}/20260101/us-east-1/nonsense/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=x"}
    assert urllib3.request("POST", default.url, headers=headers).status == 403


@pytest.mark.parametrize("protocol", ["json", "smithy-rpc-v2-cbor"])
def test_boto3_is_answered_in_each_protocol_of_a_service(default, monkeypatch, protocol):
    monkeypatch.setattr(botocore.model, "PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", (protocol,))
    default.world.place(MEMBER, "us-east-1").put(
        "x", {"Arn": "arn:aws:sns:::t", "_tags": {"a": "b"}}
    )
    keys = default.assumed_by_hand(MEMBER)
    client = default.client("resourcegroupstaggingapi", credentials=keys)
    found = client.get_resources(TagFilters=[{"Key": "a", "Values": ["b"]}])
    assert [entry["ResourceARN"] for entry in found["ResourceTagMappingList"]] == [
        "arn:aws:sns:::t"
    ]
    assert error(client.get_resources, PaginationToken="x")["Code"] == (
        "PaginationTokenExpiredException"
    )
