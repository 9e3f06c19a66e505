from accounts.models.account import (
    Account,
    AccountEvent,
    AccountEventKind,
    AccountSource,
    Membership,
)
from accounts.models.audit import AuditEntry
from accounts.models.base import Identified, uuid7
from accounts.models.grant import Grant
from accounts.models.organization import Organization, OrganizationalUnit, Partition
from accounts.models.team import OwnershipRule, Team

__all__ = [
    "Account",
    "AccountEvent",
    "AccountEventKind",
    "AccountSource",
    "AuditEntry",
    "Grant",
    "Identified",
    "Membership",
    "Organization",
    "OrganizationalUnit",
    "OwnershipRule",
    "Partition",
    "Team",
    "uuid7",
]
