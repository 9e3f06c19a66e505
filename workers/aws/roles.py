"""Credentials of accounts: the hub's own, and those of a role that it assumes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from workers.aws.access import AccessError, Health, RoleAccess
from workers.aws.engine.caller import Caller
from workers.aws.engine.clients import Clients
from workers.aws.engine.retries import EXPIRED_CODES, code_of, trouble_of

RENEWED_BEFORE_END = timedelta(minutes=5)
INVALID_KEY_CODES = frozenset(
    {
        *EXPIRED_CODES,
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "IncompleteSignature",
    }
)
HOW_TO_SIGN_IN = (
    "give Cairn AWS credentials by the usual chain: environment variables, a profile"
    " (AWS_PROFILE), single sign-on (aws sso login), or the role of its machine or task"
)


@dataclass(frozen=True)
class ChainCredentials:
    """Credentials that botocore or boto3 found; those that can be refreshed refresh themselves."""

    found: Credentials | None

    def frozen(self) -> ReadOnlyCredentials:
        if self.found is None:
            raise NoCredentialsError
        return self.found.get_frozen_credentials()

    def renew(self) -> bool:
        return False


class RoleCredentials:
    """The credentials of an assumed role, kept until five minutes before their end."""

    def __init__(
        self, assume: Callable[[], dict[str, Any]], clock: Callable[[], datetime] | None = None
    ) -> None:
        self._assume = assume
        self._clock = clock or (lambda: datetime.now(UTC))
        self._lock = threading.Lock()
        self._kept: ReadOnlyCredentials | None = None
        self._until = datetime.min.replace(tzinfo=UTC)

    def frozen(self) -> ReadOnlyCredentials:
        """Raises AccessError when the role can no longer be assumed."""
        with self._lock:
            if self._kept is None or self._clock() >= self._until:
                made = self._assume()
                self._until = made["Expiration"] - RENEWED_BEFORE_END
                self._kept = ReadOnlyCredentials(
                    made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"], None
                )
            return self._kept

    def renew(self) -> bool:
        with self._lock:
            self._kept = None
        return True


@dataclass(frozen=True)
class Assumption:
    """The call that becomes the scanner in one account."""

    clients: Clients
    hub: Caller
    account_id: str
    access: RoleAccess

    def __call__(self) -> dict[str, Any]:
        """STS's Credentials; raises AccessError."""
        access = self.access
        try:
            sts = self.clients.get("sts", access.home_region, access.endpoint_url)
            with self.hub.calling():
                made: dict[str, Any] = sts.assume_role(**self._parameters())["Credentials"]
        except (ClientError, BotoCoreError) as error:
            raise refusal(error, access.role_arn(self.account_id)) from error
        return made

    def _parameters(self) -> dict[str, Any]:
        access = self.access
        parameters: dict[str, Any] = {
            "RoleArn": access.role_arn(self.account_id),
            "RoleSessionName": access.session_name,
        }
        if access.external_id:
            parameters["ExternalId"] = access.external_id
        if access.session_tags:
            parameters["Tags"] = [
                {"Key": key, "Value": value} for key, value in sorted(access.session_tags.items())
            ]
        return parameters


def refusal(error: Exception, role_arn: str) -> AccessError:
    """Why a role could not be assumed, as far as AWS tells.

    AWS answers alike for a role that does not exist and for one that does not trust the caller,
    unless it names the policy that decided. Then its kind tells which it was.
    """
    if isinstance(error, NoCredentialsError):
        return AccessError(Health.NO_CREDENTIALS, f"no AWS credentials found: {HOW_TO_SIGN_IN}")
    if not isinstance(error, ClientError):
        return _unanswered(error, role_arn)
    code, message = code_of(error), str(error.response.get("Error", {}).get("Message", ""))
    if code in INVALID_KEY_CODES:
        return AccessError(
            Health.NO_CREDENTIALS, f"AWS refuses the hub's credentials ({code}): {HOW_TO_SIGN_IN}"
        )
    if trouble_of(error):
        return AccessError(Health.UNREACHABLE, f"STS did not assume {role_arn}: {code}, {message}")
    if code == "AccessDenied":
        return _denied(message, role_arn)
    return AccessError(Health.DENIED, f"STS refuses to assume {role_arn}: {code}, {message}")


def _unanswered(error: Exception, role_arn: str) -> AccessError:
    if trouble_of(error) or isinstance(error, OSError) or "endpoint" in str(error).lower():
        return AccessError(Health.UNREACHABLE, f"STS did not answer for {role_arn}: {error}")
    return AccessError(Health.NO_CREDENTIALS, f"the hub has no usable credentials: {error}")


def _denied(message: str, role_arn: str) -> AccessError:
    if "sts:TagSession" in message:
        why = f"the trust policy of {role_arn} must allow sts:TagSession, or use no session tags"
        return AccessError(Health.DENIED, why)
    if "explicit deny" in message or "service control policy" in message:
        return AccessError(Health.DENIED, f"a policy denies assuming {role_arn}: {message}")
    if "identity-based policy" in message or "permissions boundary" in message:
        why = f"the hub itself may not assume {role_arn}: allow it sts:AssumeRole ({message})"
        return AccessError(Health.DENIED, why)
    if "role trust policy" in message:
        why = f"{role_arn} does not trust the hub with this external ID: compare both"
        return AccessError(Health.EXTERNAL_ID_WRONG, why)
    return AccessError(
        Health.ROLE_MISSING,
        f"{role_arn} is missing, or trusts neither the hub nor its external ID (AWS does not say"
        " which): deploy the member role to this account, or compare its trust policy",
    )
