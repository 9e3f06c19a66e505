"""How an account is entered, and why it could not be. Pure: no botocore."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Health(StrEnum):
    """Why the scanner's role in an account could not be assumed."""

    ROLE_MISSING = "role_missing"
    EXTERNAL_ID_WRONG = "external_id_wrong"
    DENIED = "denied"
    SUSPENDED = "suspended"
    UNREACHABLE = "unreachable"
    NO_CREDENTIALS = "no_credentials"


class AccessError(Exception):
    """An account cannot be read; the message says what is wrong and what to do."""

    def __init__(self, health: Health, message: str) -> None:
        self.health = health
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, kw_only=True)
class RoleAccess:
    """The role by which an organization's accounts are read, and from where.

    ``hub_account`` is the account that is read with the hub's own credentials instead of the role:
    give it when the hub's account has no such role. ``session_tags`` need ``sts:TagSession``.
    """

    partition: str = "aws"
    role_name: str = "CairnScanner"
    external_id: str = ""
    session_name: str = "cairn"
    session_tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    home_region: str = "us-east-1"
    endpoint_url: str = ""
    hub_account: str = ""

    def role_arn(self, account_id: str) -> str:
        return f"arn:{self.partition}:iam::{account_id}:role/{self.role_name}"
