"""What is worth another try, and when.

botocore makes exactly one attempt: its own retries share one quota per client, and our clients are
shared by all accounts, so one bad account would use up the retries of all.
"""

import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
    ReadTimeoutError,
    ResponseStreamingError,
    SSLError,
)
from urllib3.exceptions import NameResolutionError

# Every protocol and many services have their own word for it; most say "throttl" somewhere.
THROTTLED_CODES = frozenset(
    {
        "429",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "TooManyRequests",
        "TooManyRequestsException",
    }
)
EXPIRED_CODES = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
BROKEN_CODES = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "InternalServiceError",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
NOT_IMPLEMENTED = 501
UNKNOWN_NAME = (socket.EAI_NONAME, socket.EAI_NODATA)


class Trouble(StrEnum):
    """Why a call failed, where another try may help."""

    THROTTLED = "throttled"
    BROKEN = "broken"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    EXPIRED = "expired"


ATTEMPTS = {
    Trouble.THROTTLED: 8,
    Trouble.BROKEN: 5,
    Trouble.UNREACHABLE: 4,
}
ATTEMPTS_WHEN_EXHAUSTED = 2
"""Of calls to a service that was given up as throttled, until it answers again."""


def code_of(error: ClientError) -> str:
    """The error's code, without what some protocols put before it."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code.rpartition("#")[2].partition(":")[0]


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def trouble_of(error: Exception) -> Trouble | None:
    """What kind of trouble an error is; None where no further try can help."""
    if isinstance(error, ClientError):
        return _answered_trouble(error)
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return Trouble.TIMED_OUT
    if is_unknown_name(error) or isinstance(error, SSLError):
        return None
    passing = (
        ConnectionClosedError,
        EndpointConnectionError,
        ProxyConnectionError,
        ResponseStreamingError,
    )
    if isinstance(error, passing) or type(error) is HTTPClientError:
        return Trouble.UNREACHABLE
    return None


def _answered_trouble(error: ClientError) -> Trouble | None:
    code, status = code_of(error), status_of(error)
    if _is_throttled(code, status, str(error)):
        return Trouble.THROTTLED
    if code in EXPIRED_CODES:
        return Trouble.EXPIRED
    if code in BROKEN_CODES or (status >= 500 and status != NOT_IMPLEMENTED):
        return Trouble.BROKEN
    return None


def _is_throttled(code: str, status: int, message: str) -> bool:
    told = "Throttl" in code or "Rate exceeded" in message
    return told or code in THROTTLED_CODES or status == 429


def is_unknown_name(error: Exception) -> bool:
    """Whether an endpoint's name does not exist: the service is not in this region."""
    failed = error.kwargs.get("error") if isinstance(error, BotoCoreError) else None
    cause = failed.__cause__ if isinstance(failed, NameResolutionError) else failed
    return isinstance(cause, socket.gaierror) and cause.errno in UNKNOWN_NAME


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Waiting between attempts: exponential with full jitter, at least what AWS asks for.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    first: float = 0.2
    longest: float = 15.0
    longest_asked: float = 60.0
    jitter: Callable[[float, float], float] = random.uniform
    sleep: Callable[[float], None] = time.sleep

    def wait(self, failed_attempts: int, error: Exception) -> None:
        ceiling = min(self.longest, self.first * 2 ** (failed_attempts - 1))
        asked = min(self.longest_asked, retry_after(error))
        self.sleep(max(asked, self.jitter(0, ceiling)))


def retry_after(error: Exception) -> float:
    """The seconds of a Retry-After header; 0 without one (dates, which AWS never sends, too)."""
    if not isinstance(error, ClientError):
        return 0.0
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return max(0.0, float(headers.get("retry-after", 0)))
    except ValueError:
        return 0.0
