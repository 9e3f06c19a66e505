"""Facts of AWS Organizations, as its management account tells them."""

from __future__ import annotations

from findings.facts.base import Fact, Scope


class Organization(
    Fact, kind="organizations.organization", scope=Scope.ORGANIZATION, identity=("id",)
):
    """The organization of the account that was asked; none where it belongs to none."""

    id: str
    management_account: str
    has_all_features: bool


class DelegatedAdministrator(
    Fact,
    kind="organizations.delegated_administrator",
    scope=Scope.ORGANIZATION,
    identity=("service", "account"),
):
    """An account that administers a service for the organization."""

    service: str
    account: str


class MemberAccount(
    Fact, kind="organizations.member_account", scope=Scope.ORGANIZATION, identity=("id",)
):
    """An account of the organization, the management account included.

    The state is PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE or CLOSED.
    """

    id: str
    state: str | None


class TagPolicy(Fact, kind="organizations.tag_policy", scope=Scope.ACCOUNT, identity=("account",)):
    """What the tag policies of the organization say together of an account in it.

    ``tag_keys`` are the keys in their spelling; empty where no policy holds for the account.
    """

    account: str
    tag_keys: tuple[str, ...]
