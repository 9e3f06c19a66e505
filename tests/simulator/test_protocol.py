"""Every protocol there and back: what is written must be what botocore's own parser reads."""

from datetime import UTC, datetime

import pytest
from botocore.parsers import ResponseParserFactory
from requests.structures import CaseInsensitiveDict

from simulator.errors import AwsError, Kind, standard_error
from simulator.operations import load
from simulator.operations.base import simulated_operations
from simulator.protocol import (
    HttpReply,
    HttpRequest,
    NoSuchOperation,
    Target,
    error_reply,
    parameters_of,
    result_reply,
    service_model,
    target_of,
)

load()
INSTANT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SCALARS = {
    "boolean": True,
    "integer": 7,
    "long": -8,
    "float": 1.5,
    "double": 2.5,
    "timestamp": INSTANT,
    "blob": b"\x00\xff",
}
# One more of each form that the simulated operations may not have yet.
FURTHER = [
    ("cloudwatch", "DescribeAlarms"),
    ("lambda", "ListFunctions"),
    ("iam", "ListUsers"),
    ("s3", "GetBucketEncryption"),
    ("ec2", "DescribeInstances"),
    ("xray", "GetServiceGraph"),
]
SPOKEN = [
    (service, operation, protocol)
    for service, operation in sorted({*simulated_operations(), *FURTHER})
    for metadata in [service_model(service).metadata]
    for protocol in metadata.get("protocols", [metadata["protocol"]])
]


def example(shape, size, seen=()):
    """A value of a shape with every member, lists of `size` items; None where it recurses."""
    if seen.count(shape.name) > 1:
        return None
    seen = (*seen, shape.name)
    if shape.type_name == "structure":
        if shape.is_document_type:
            return {"a": 1}
        values = {name: example(member, size, seen) for name, member in shape.members.items()}
        present = {name: value for name, value in values.items() if value is not None}
        return dict(list(present.items())[:1]) if shape.is_tagged_union else present
    if shape.type_name == "list":
        item = example(shape.member, size, seen)
        # XML has no form for a flattened list that is empty: it is absent, on AWS too.
        least = 1 if shape.serialization.get("flattened") else 0
        return [] if item is None else [item] * max(size, least)
    if shape.type_name == "map":
        item = example(shape.value, size, seen)
        return {} if item is None else {example(shape.key, size, seen): item}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else 'x <&> "é" x'
    return SCALARS[shape.type_name]


def read(protocol: str, reply: HttpReply, shape):
    """The reply as botocore reads it."""
    raw = {
        "status_code": reply.status,
        "headers": CaseInsensitiveDict(reply.headers),
        "body": reply.body,
        "context": {},
    }
    return ResponseParserFactory().create_parser(protocol).parse(raw, shape)


def misread(service, operation, protocol, size):
    """What botocore reads otherwise than it was written; empty where nothing is."""
    model = service_model(service).operation_model(operation)
    target = Target(service=service, protocol=protocol, operation=model, path_parameters={})
    written = example(model.output_shape, size)
    try:
        parsed = read(protocol, result_reply(target, written, "id-1"), model.output_shape)
    except Exception as error:
        return repr(error)
    metadata = parsed.pop("ResponseMetadata")
    is_read = metadata["RequestId"] == "id-1" and parsed == written
    return "" if is_read else f"{written} is read as {parsed} of {metadata}"


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_result_is_read_as_it_was_written(size):
    found = {spoken: misread(*spoken, size) for spoken in SPOKEN}
    wrong = [f"{spoken}: {told}" for spoken, told in found.items() if told]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("service", "protocol", "code", "status"),
    [
        ("cloudformation", "query", "Throttling", 400),
        ("ssm", "json", "ThrottlingException", 400),
        ("lambda", "rest-json", "TooManyRequestsException", 429),
        ("xray", "rest-json", "ThrottledException", 429),
        ("s3", "rest-xml", "SlowDown", 503),
        ("ec2", "ec2", "RequestLimitExceeded", 503),
        ("organizations", "json", "TooManyRequestsException", 400),
        ("codebuild", "smithy-rpc-v2-cbor", "ThrottlingException", 400),
        ("cloudwatch", "smithy-rpc-v2-cbor", "Throttling", 400),
        ("cloudwatch", "json", "Throttling", 400),
        ("cloudwatch", "query", "Throttling", 400),
    ],
)
def test_throttling_has_the_code_of_its_service(service, protocol, code, status):
    reply = error_reply(
        service, protocol, standard_error(Kind.THROTTLED, service, protocol), "id-1"
    )
    assert reply.status == status
    assert read(protocol, reply, None)["Error"]["Code"] == code
    assert read(protocol, reply, None)["Error"]["Message"] == "Rate exceeded"


def test_a_modelled_error_takes_its_status_and_code_from_the_model():
    reply = error_reply("lambda", "rest-json", AwsError("ResourceNotFoundException", "no"), "id-1")
    assert reply.status == 404


@pytest.mark.parametrize("protocol", ["json", "smithy-rpc-v2-cbor"])
def test_a_query_compatible_service_names_the_query_code_of_its_error(protocol):
    error = AwsError("ResourceNotFound", "no such alarm")
    reply = error_reply("cloudwatch", protocol, error, "id-1")
    assert reply.headers["x-amzn-query-error"] == "ResourceNotFound;Sender"


def request(path="/", headers=None, body=b"", method="POST", query=""):
    return HttpRequest(method=method, path=path, query=query, headers=headers or {}, body=body)


@pytest.mark.parametrize(
    ("service", "asked"),
    [
        ("sts", request(headers={"content-type": "application/x-www-form-urlencoded"})),
        ("ssm", request(headers={"x-amz-target": "AmazonSSM.Nothing"})),
        ("lambda", request(path="/nothing", method="GET")),
        (
            "codebuild",
            request(path="/service/X/operation/Y", headers={"smithy-protocol": "rpc-v2-cbor"}),
        ),
    ],
)
def test_a_request_for_no_operation_is_told_apart(service, asked):
    with pytest.raises(NoSuchOperation, match=service):
        target_of(service, asked)


def test_parameters_of_path_and_query_are_read():
    asked = request(path="/2015-03-31/functions/a%2Fb", method="GET", query="Qualifier=live")
    target = target_of("lambda", asked)
    assert target.name == "GetFunction"
    assert parameters_of(target, asked) == {"FunctionName": "a/b", "Qualifier": "live"}
