import random
import re

import pytest
from botocore import __path__ as botocore_path
from botocore.exceptions import ClientError, ConnectTimeoutError, ParamValidationError, SSLError
from botocore.loaders import Loader
from botocore.model import ServiceModel

from workers.aws.engine.retries import Backoff, Trouble, code_of, retry_after, trouble_of
from workers.aws.operations import hub_operations, scanner_operations


def answered(code, status=400, message="", **headers):
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return ClientError(response, "DescribeThings")


@pytest.mark.parametrize(
    "code",
    [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "SlowDown",
        "com.amazonaws.organizations#TooManyRequestsException",
        "ThrottlingException:http://internal.amazon.com/coral/",
    ],
)
def test_throttling_is_recognised_in_every_protocol(code):
    assert trouble_of(answered(code)) is Trouble.THROTTLED


def test_every_throttling_error_of_the_services_we_call_is_recognised():
    loader = Loader(extra_search_paths=[f"{botocore_path[0]}/data"])
    names = {name.partition(":")[0] for name in (*scanner_operations(), *hub_operations())}
    codes = {
        shape.metadata.get("error", {}).get("code", shape.name)
        for name in names
        for shape in ServiceModel(loader.load_service_model(name, "service-2"), name).error_shapes
        if re.search("Throttl|TooManyRequests|SlowDown|RequestLimit", shape.name)
    }
    assert codes
    assert {code for code in codes if trouble_of(answered(code)) is not Trouble.THROTTLED} == set()


def test_the_rate_is_exceeded_under_any_code():
    assert trouble_of(answered("ClientException", message="Rate exceeded")) is Trouble.THROTTLED


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (answered("InternalFailure", 500), Trouble.BROKEN),
        (answered("Whatever", 502), Trouble.BROKEN),
        (answered("NotImplemented", 501), None),
        (answered("ExpiredToken", 403), Trouble.EXPIRED),
        (answered("AccessDenied", 403), None),
        (answered("ValidationException"), None),
        (ConnectTimeoutError(endpoint_url="https://x"), Trouble.TIMED_OUT),
        (SSLError(endpoint_url="https://x", error="bad"), None),
        (ParamValidationError(report="bad"), None),
    ],
)
def test_only_what_may_pass_is_trouble(error, trouble):
    assert trouble_of(error) is trouble


def test_a_code_is_told_without_its_namespace():
    assert code_of(answered("com.amazonaws#AccessDeniedException")) == "AccessDeniedException"


def test_waits_double_up_to_a_limit_and_are_jittered_from_nothing():
    ceilings, waited = [], []

    def jitter(low, high):
        ceilings.append((low, high))
        return high

    backoff = Backoff(first=1, longest=5, jitter=jitter, sleep=waited.append)
    for failures in (1, 2, 3, 4):
        backoff.wait(failures, answered("Throttling"))
    assert ceilings == [(0, 1), (0, 2), (0, 4), (0, 5)]
    assert waited == [1, 2, 4, 5]


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0.5", 0.5), ("-3", 0), ("Wed, 21 Oct", 0)]
)
def test_retry_after_is_read_in_seconds(header, seconds):
    assert retry_after(answered("Throttling", **{"retry-after": header})) == seconds


def test_aws_may_ask_for_a_minute_at_most():
    waited = []
    backoff = Backoff(jitter=random.Random(1).uniform, sleep=waited.append)
    backoff.wait(1, answered("Throttling", **{"retry-after": "86400"}))
    assert waited == [60]
