"""The one place where an error of AWS becomes a gap, or is let through because it is a bug.

Codes: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html and the
"Common errors" page of each service's API reference.
"""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointProviderError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
    UnknownEndpointError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError

from findings.facts.base import Gap, GapReason
from workers.aws.access import AccessError
from workers.aws.engine.door import operation_of
from workers.aws.engine.retries import (
    EXPIRED_CODES,
    NOT_IMPLEMENTED,
    Trouble,
    code_of,
    is_unknown_name,
    status_of,
    trouble_of,
)
from workers.aws.engine.stalls import Stalled

DENIED_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "ForbiddenException",
        "NotAuthorized",
        "NotAuthorizedException",
        "UnauthorizedAccess",
        "UnauthorizedException",
        "UnauthorizedOperation",
        "AllAccessDisabled",
        "Client.UnauthorizedOperation",
        "403",
    }
)
# Valid credentials are answered so by a region that the account has not enabled.
UNKNOWN_KEY_CODES = frozenset(
    {
        "AuthFailure",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)
REGION_DISABLED_CODES = frozenset({"OptInRequired", "RegionDisabledException"})
SUBSCRIPTION_CODES = frozenset({"SubscriptionRequiredException"})
# A bare 404: what answers does not know the operation, and is not even AWS.
NOT_AVAILABLE_CODES = frozenset(
    {
        "404",
        "NotImplemented",
        "UnknownOperationException",
        "UnsupportedOperation",
        "UnsupportedOperationException",
        "InvalidAction",
    }
)
NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
)
EXPLICIT_POLICY_DENY = "explicit deny in a service control policy"
POLICY_DENIES = (
    EXPLICIT_POLICY_DENY,
    "explicit deny in a resource control policy",
    "no service control policy allows",
    "no resource control policy allows",
)
SUBSCRIPTION_MESSAGES = ("not subscribed", "needs a subscription", "Premium Support Subscription")

TROUBLES = {
    Trouble.THROTTLED: GapReason.THROTTLED,
    Trouble.TIMED_OUT: GapReason.TIMED_OUT,
    Trouble.UNREACHABLE: GapReason.UNREACHABLE,
    Trouble.BROKEN: GapReason.FAILED,
    Trouble.EXPIRED: GapReason.CREDENTIALS,
}


def reason_of(error: Exception) -> GapReason | None:
    """Why something could not be collected; None where the error is a bug of ours."""
    if isinstance(error, (AccessError, *NO_CREDENTIALS)):
        return GapReason.CREDENTIALS
    if isinstance(error, Stalled):
        return GapReason.TIMED_OUT
    if isinstance(error, NotImplementedError | UnknownEndpointError | EndpointProviderError):
        return GapReason.SERVICE_NOT_AVAILABLE
    if is_unknown_name(error):
        return GapReason.SERVICE_NOT_AVAILABLE
    if trouble := trouble_of(error):
        return TROUBLES[trouble]
    if isinstance(error, HTTPClientError | BotoConnectionError):
        return GapReason.UNREACHABLE
    return _answered_reason(error) if isinstance(error, ClientError) else None


def _answered_reason(error: ClientError) -> GapReason | None:
    code, message = code_of(error), str(error)
    if code in SUBSCRIPTION_CODES or any(told in message for told in SUBSCRIPTION_MESSAGES):
        return GapReason.SUBSCRIPTION_REQUIRED
    if any(told in message for told in POLICY_DENIES):
        return GapReason.DENIED_BY_POLICY
    if code in DENIED_CODES:
        return GapReason.ACCESS_DENIED
    if code in REGION_DISABLED_CODES or code in UNKNOWN_KEY_CODES:
        return GapReason.REGION_DISABLED
    if code in EXPIRED_CODES:
        return GapReason.CREDENTIALS
    if code in NOT_AVAILABLE_CODES or status_of(error) == NOT_IMPLEMENTED:
        return GapReason.SERVICE_NOT_AVAILABLE
    return None


def gap_of(kind: str, error: Exception) -> Gap:
    """The gap that stands for what an error kept from us; raises the error if it is a bug."""
    reason = reason_of(error)
    if reason is None:
        raise error
    return Gap(kind=kind, reason=reason, operation=operation_of(error), code=error_code(error))


def error_code(error: Exception) -> str:
    """AWS's code, or the name of the exception where AWS did not answer."""
    return code_of(error) if isinstance(error, ClientError) else type(error).__name__


def is_denied_by_policy(error: Exception) -> bool:
    """Whether an explicit deny of a service control policy was the answer."""
    return isinstance(error, ClientError) and EXPLICIT_POLICY_DENY in str(error)


def is_aws_error(error: Exception) -> bool:
    return isinstance(error, ClientError | BotoCoreError)
