from accounts.models.account import (
    Account,
    AccountEvent,
    AccountSource,
    Membership,
)
from accounts.models.audit import AuditEntry
from accounts.models.base import Identified, uuid7
from accounts.models.grant import Grant
from accounts.models.idempotency import AnsweredRequest
from accounts.models.organization import Organization, OrganizationalUnit, Partition
from accounts.models.team import OwnershipRule, Team
from accounts.models.token import ApiToken, TokenScope
from accounts.states import AccountEventKind, AccountState, RoleHealth

__all__ = [
    "Account",
    "AccountEvent",
    "AccountEventKind",
    "AccountSource",
    "AccountState",
    "AnsweredRequest",
    "ApiToken",
    "AuditEntry",
    "Grant",
    "Identified",
    "Membership",
    "Organization",
    "OrganizationalUnit",
    "OwnershipRule",
    "Partition",
    "RoleHealth",
    "Team",
    "TokenScope",
    "uuid7",
]
