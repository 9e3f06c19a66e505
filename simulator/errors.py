"""Errors as AWS words them: each kind has another code in each service's protocol."""

from enum import StrEnum


class AwsError(Exception):
    """An AWS error answer.

    `status` is the HTTP status; None takes the one of botocore's model, or 400.
    `misfit` says that it is no answer of AWS but a bug of the simulator.
    `members` are further fields of the error's shape.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int | None = None,
        *,
        misfit: str = "",
        **members: object,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.misfit = misfit
        for name, value in members.items():
            setattr(self, name, value)


class Kind(StrEnum):
    """The errors that every service has, each by its own code."""

    ACCESS_DENIED = "access denied"
    THROTTLED = "throttled"
    EXPIRED_TOKEN = "expired token"  # noqa: S105 - the name of an error
    INVALID_KEY = "invalid key"
    MISSING_TOKEN = "missing token"  # noqa: S105 - the name of an error
    INTERNAL = "internal"


# Per wire form: code and HTTP status. Sources: the "Common errors" page of each service's API
# reference; https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html;
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
CODES: dict[str, dict[Kind, tuple[str, int]]] = {
    "query": {
        Kind.ACCESS_DENIED: ("AccessDenied", 403),
        Kind.THROTTLED: ("Throttling", 400),
        Kind.EXPIRED_TOKEN: ("ExpiredToken", 403),
        Kind.INVALID_KEY: ("InvalidClientTokenId", 403),
        Kind.MISSING_TOKEN: ("MissingAuthenticationToken", 403),
        Kind.INTERNAL: ("InternalFailure", 500),
    },
    "json": {
        Kind.ACCESS_DENIED: ("AccessDeniedException", 400),
        Kind.THROTTLED: ("ThrottlingException", 400),
        Kind.EXPIRED_TOKEN: ("ExpiredTokenException", 400),
        Kind.INVALID_KEY: ("UnrecognizedClientException", 400),
        Kind.MISSING_TOKEN: ("MissingAuthenticationTokenException", 400),
        Kind.INTERNAL: ("InternalFailure", 500),
    },
    "rest-json": {
        Kind.ACCESS_DENIED: ("AccessDeniedException", 403),
        Kind.THROTTLED: ("TooManyRequestsException", 429),
        Kind.EXPIRED_TOKEN: ("ExpiredTokenException", 403),
        Kind.INVALID_KEY: ("UnrecognizedClientException", 403),
        Kind.MISSING_TOKEN: ("MissingAuthenticationTokenException", 403),
        Kind.INTERNAL: ("InternalFailure", 500),
    },
    "ec2": {
        Kind.ACCESS_DENIED: ("UnauthorizedOperation", 403),
        Kind.THROTTLED: ("RequestLimitExceeded", 503),
        Kind.EXPIRED_TOKEN: ("RequestExpired", 400),
        Kind.INVALID_KEY: ("AuthFailure", 401),
        Kind.MISSING_TOKEN: ("MissingAuthenticationToken", 403),
        Kind.INTERNAL: ("InternalError", 500),
    },
    "rest-xml": {
        Kind.ACCESS_DENIED: ("AccessDenied", 403),
        Kind.THROTTLED: ("SlowDown", 503),
        Kind.EXPIRED_TOKEN: ("ExpiredToken", 400),
        Kind.INVALID_KEY: ("InvalidAccessKeyId", 403),
        Kind.MISSING_TOKEN: ("AccessDenied", 403),
        Kind.INTERNAL: ("InternalError", 500),
    },
}
CODES["smithy-rpc-v2-cbor"] = CODES["json"]

# Services whose codes are not those of their protocol.
EXCEPTIONS: dict[tuple[str, Kind], tuple[str, int]] = {
    ("organizations", Kind.THROTTLED): ("TooManyRequestsException", 400),
    ("cloudwatch", Kind.THROTTLED): ("Throttling", 400),
    ("cloudwatch", Kind.ACCESS_DENIED): ("AccessDenied", 403),
    ("cloudwatch", Kind.INVALID_KEY): ("InvalidClientTokenId", 403),
    ("cloudwatch", Kind.EXPIRED_TOKEN): ("ExpiredToken", 403),
    ("resourcegroupstaggingapi", Kind.THROTTLED): ("ThrottledException", 400),
    ("xray", Kind.THROTTLED): ("ThrottledException", 429),
    ("ssm", Kind.INTERNAL): ("InternalServerError", 500),
    ("organizations", Kind.INTERNAL): ("ServiceException", 500),
}

MESSAGES = {
    Kind.THROTTLED: "Rate exceeded",
    Kind.EXPIRED_TOKEN: "The security token included in the request is expired",
    Kind.INVALID_KEY: "The security token included in the request is invalid.",
    Kind.MISSING_TOKEN: "Missing Authentication Token",
    Kind.INTERNAL: "An internal error occurred. Retry your request.",
}
EC2_INVALID_KEY = "AWS was not able to validate the provided access credentials"


def standard_error(kind: Kind, service: str, protocol: str, message: str = "") -> AwsError:
    """The error of this kind, as this service sends it in this protocol."""
    code, status = EXCEPTIONS.get((service, kind)) or CODES[protocol][kind]
    if service == "ec2" and kind is Kind.INVALID_KEY:
        message = EC2_INVALID_KEY
    return AwsError(code, message or MESSAGES[kind], status)
