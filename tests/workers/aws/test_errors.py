import socket

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.exceptions import NameResolutionError, NewConnectionError

from findings.facts.base import GapReason
from workers.aws.access import AccessError, Health
from workers.aws.engine.stalls import Stalled
from workers.aws.errors import gap_of, is_denied_by_policy, reason_of

DENIED = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: xray:GetGroups"


def answered(code, message="no", status=400):
    response = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "GetGroups")


def unresolved(errno):
    failed = NameResolutionError("xray.nowhere.amazonaws.com", None, socket.gaierror(errno, "x"))
    failed.__cause__ = socket.gaierror(errno, "x")
    return EndpointConnectionError(endpoint_url="https://x", error=failed)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (answered("AccessDenied", status=403), GapReason.ACCESS_DENIED),
        (answered("AccessDeniedException", DENIED), GapReason.ACCESS_DENIED),
        (answered("UnauthorizedOperation", status=403), GapReason.ACCESS_DENIED),
        (answered("AuthorizationError", status=403), GapReason.ACCESS_DENIED),
        (
            answered(
                "AccessDeniedException",
                f"{DENIED} with an explicit deny in a service control policy",
            ),
            GapReason.DENIED_BY_POLICY,
        ),
        (
            answered(
                "AccessDeniedException",
                f"{DENIED} with an explicit deny in a service control policy:"
                " arn:aws:organizations::1:policy/o-1/service_control_policy/p-1",
            ),
            GapReason.DENIED_BY_POLICY,
        ),
        (
            answered(
                "AccessDenied", f"{DENIED} because no service control policy allows the action"
            ),
            GapReason.DENIED_BY_POLICY,
        ),
        (
            answered("AccessDenied", f"{DENIED} with an explicit deny in a permissions boundary"),
            GapReason.ACCESS_DENIED,
        ),
        (answered("UnrecognizedClientException"), GapReason.REGION_DISABLED),
        (answered("InvalidClientTokenId", status=403), GapReason.REGION_DISABLED),
        (answered("AuthFailure", status=401), GapReason.REGION_DISABLED),
        (answered("OptInRequired", status=403), GapReason.REGION_DISABLED),
        (answered("SubscriptionRequiredException"), GapReason.SUBSCRIPTION_REQUIRED),
        (
            answered("OptInRequired", "You are not subscribed to this service", 403),
            GapReason.SUBSCRIPTION_REQUIRED,
        ),
        (answered("UnknownOperationException", status=404), GapReason.SERVICE_NOT_AVAILABLE),
        (answered("404", "Not yet implemented", 404), GapReason.SERVICE_NOT_AVAILABLE),
        (NotImplementedError("get_groups"), GapReason.SERVICE_NOT_AVAILABLE),
        (unresolved(socket.EAI_NONAME), GapReason.SERVICE_NOT_AVAILABLE),
        (unresolved(socket.EAI_AGAIN), GapReason.UNREACHABLE),
        (answered("ThrottlingException"), GapReason.THROTTLED),
        (answered("InternalFailure", status=500), GapReason.FAILED),
        (answered("ExpiredTokenException"), GapReason.CREDENTIALS),
        (NoCredentialsError(), GapReason.CREDENTIALS),
        (AccessError(Health.ROLE_MISSING, "gone"), GapReason.CREDENTIALS),
        (ReadTimeoutError(endpoint_url="https://x"), GapReason.TIMED_OUT),
        (ConnectTimeoutError(endpoint_url="https://x"), GapReason.TIMED_OUT),
        (Stalled(service="xray", region="eu-west-1"), GapReason.TIMED_OUT),
        (
            EndpointConnectionError(
                endpoint_url="https://x", error=NewConnectionError(None, "refused")
            ),
            GapReason.UNREACHABLE,
        ),
        (ConnectionClosedError(endpoint_url="https://x"), GapReason.UNREACHABLE),
        (SSLError(endpoint_url="https://x", error="bad"), GapReason.UNREACHABLE),
    ],
)
def test_every_refusal_has_a_reason(error, reason):
    assert reason_of(error) is reason


@pytest.mark.parametrize(
    "error",
    [
        answered("ValidationException"),
        answered("NoSuchEntity", status=404),
        ParamValidationError(report="Missing required parameter"),
        KeyError("trailList"),
    ],
)
def test_a_bug_is_no_gap(error):
    assert reason_of(error) is None
    with pytest.raises(type(error)):
        gap_of("xray.group", error)


def test_a_gap_names_kind_and_code():
    gap = gap_of("xray.group", answered("AccessDeniedException"))
    assert (gap.kind, gap.reason, gap.code) == (
        "xray.group",
        "access_denied",
        "AccessDeniedException",
    )
    assert gap_of("xray.group", ReadTimeoutError(endpoint_url="https://x")).code == (
        "ReadTimeoutError"
    )


def test_only_an_explicit_deny_of_a_service_control_policy_counts_for_a_region():
    explicit = f"{DENIED} with an explicit deny in a service control policy"
    implicit = f"{DENIED} because no service control policy allows the xray:GetGroups action"
    assert is_denied_by_policy(answered("AccessDenied", explicit))
    assert not is_denied_by_policy(answered("AccessDenied", implicit))
    assert not is_denied_by_policy(ReadTimeoutError(endpoint_url="https://x"))
