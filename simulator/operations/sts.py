"""AWS STS: who am I, and roles in other accounts."""

from datetime import UTC, datetime
from typing import Any

from simulator.authorization import role_denied
from simulator.credentials import session_credentials
from simulator.errors import AwsError
from simulator.operations.base import Call, operation
from simulator.organization import MANAGEMENT_ID, Condition, SimAccount

DEFAULT_SECONDS = 3600


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    return {
        "UserId": call.principal.user_id,
        "Account": call.account.id,
        "Arn": call.principal.arn,
    }


@operation("sts", "AssumeRole")
def assume_role(call: Call) -> dict[str, Any]:
    """Only principals of the management account are trusted, with the external id."""
    arn = str(call.parameters["RoleArn"])
    account = _account_with_role(call, arn)
    if account is None:
        raise role_denied(call.principal, arn)
    if not _trusts(call, account):
        raise role_denied(call.principal, arn, exists=True)
    account_id = account.id
    session = str(call.parameters["RoleSessionName"])
    expires = call.world.seconds() + int(call.parameters.get("DurationSeconds") or DEFAULT_SECONDS)
    role = call.world.role_name
    made = session_credentials(account_id, role, session, expires)
    return {
        "Credentials": {
            "AccessKeyId": made.access_key_id,
            "SecretAccessKey": made.secret_access_key,
            "SessionToken": made.session_token,
            "Expiration": datetime.fromtimestamp(expires, UTC),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"AROA{made.access_key_id[4:]}:{session}",
            "Arn": f"arn:aws:sts::{account_id}:assumed-role/{role}/{session}",
        },
    }


def _account_with_role(call: Call, role_arn: str) -> SimAccount | None:
    """The account that has this role, if there is one."""
    parts = role_arn.split(":", 5)
    if len(parts) != 6 or parts[:4] != ["arn", "aws", "iam", ""]:
        raise AwsError("ValidationError", f"{role_arn} is invalid", 400)
    account = call.world.account(parts[4])
    if account is None or parts[5] != f"role/{call.world.role_name}":
        return None
    closed = call.world.unreachable_reason(account)
    return account if closed in (None, Condition.EXTERNAL_ID) else None


def _trusts(call: Call, account: SimAccount) -> bool:
    return (
        call.account.id == MANAGEMENT_ID
        and call.parameters.get("ExternalId") == call.world.external_id
        and call.world.is_reachable(account)
    )
