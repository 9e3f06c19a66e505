"""What an account can be, in the words of AWS Organizations and of ours. Pure: no Django."""

from enum import StrEnum


class AccountState(StrEnum):
    """``State`` of an account in AWS Organizations, and LEFT: no longer in the organization.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
    """

    PENDING_ACTIVATION = "PENDING_ACTIVATION"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    PENDING_CLOSURE = "PENDING_CLOSURE"
    CLOSED = "CLOSED"
    LEFT = "LEFT"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class RoleHealth(StrEnum):
    """Whether the scanner's role in an account could be assumed when it was last tried."""

    UNTESTED = "untested"
    HEALTHY = "healthy"
    ROLE_MISSING = "role_missing"
    EXTERNAL_ID_WRONG = "external_id_wrong"
    DENIED = "denied"
    SUSPENDED = "suspended"
    UNREACHABLE = "unreachable"
    NO_CREDENTIALS = "no_credentials"

    @property
    def label(self) -> str:
        return self.value.replace("_id_", " ID ").replace("_", " ").capitalize()


class AccountEventKind(StrEnum):
    """What can happen to an account."""

    JOINED = "joined"
    REJOINED = "rejoined"
    LEFT = "left"
    PENDING = "pending"
    ACTIVATED = "activated"
    SUSPENDED = "suspended"
    REACTIVATED = "reactivated"
    CLOSING = "closing"
    CLOSED = "closed"
    MOVED = "moved"
    RENAMED = "renamed"
    EMAIL_CHANGED = "email_changed"
    TAGS_CHANGED = "tags_changed"
    ENVIRONMENT_CHANGED = "environment_changed"
    OWNER_CHANGED = "owner_changed"
    EXCLUDED = "excluded"
    INCLUDED = "included"
    ROLE_HEALTH_CHANGED = "role_health_changed"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


STATE_KINDS = (
    AccountEventKind.REJOINED,
    AccountEventKind.LEFT,
    AccountEventKind.PENDING,
    AccountEventKind.ACTIVATED,
    AccountEventKind.SUSPENDED,
    AccountEventKind.REACTIVATED,
    AccountEventKind.CLOSING,
    AccountEventKind.CLOSED,
)
"""Events that tell a new state; ``before`` and ``after`` are values of :class:`AccountState`."""
