"""How far a person's grants reach: the one place that turns grants into rows.

A reach is read from the database each time it is asked for, so a grant that was taken away or has
expired is gone with the next query. Only while one request is answered are grants remembered, until
one is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q
from django.utils import timezone

from accounts.models.grant import Grant
from accounts.models.prepared import SOME_TIME, SOMEBODY, Prepared
from accounts.roles import Permission, roles_that_permit

if TYPE_CHECKING:
    from accounts.models.account import Account
    from accounts.models.organization import Organization, OrganizationalUnit


ALL_ROWS = ~Q(pk__in=())
"""True for every row; an empty Q() would vanish from ``Q() | condition``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a token reaches at most, whatever its person reaches: subtrees of OUs and accounts."""

    token: int
    user: int
    units: tuple[OrganizationalUnit, ...]
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Organizations, OU subtrees (by lineage) and accounts that one permission covers.

    ``organizations`` are covered as a whole; in those ``touched`` at least something is. Accounts
    are those of teams, and single ones through a limited token, whose ``limit`` is told.
    """

    everything: bool = False
    organizations: frozenset[int] = frozenset()
    lineages: frozenset[str] = frozenset()
    owner_teams: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    touched: frozenset[int] = frozenset()
    limit: Limit | None = None

    def on_accounts(self) -> Q:
        condition = self.below("ou__lineage")
        if self.owner_teams:
            condition |= Q(owner_team__in=self.owner_teams)
        if self.accounts:
            condition |= Q(pk__in=self.accounts)
        return condition

    def on_units(self) -> Q:
        return self.below("lineage")

    def on_organizations(self) -> Q:
        return ALL_ROWS if self.everything else Q(pk__in=self.touched)

    def on_whole_organizations(self, field: str) -> Q:
        """For rows that belong to an organization as a whole."""
        return ALL_ROWS if self.everything else Q(**{f"{field}__in": self.organizations})

    @property
    def is_on_whole_organizations(self) -> bool:
        return self.everything or bool(self.organizations)

    @property
    def is_undivided(self) -> bool:
        """What it touches it covers as a whole: no account of it need be looked at."""
        return self.everything or self.touched <= self.organizations

    def covers_organization(self, organization: Organization) -> bool:
        """As a whole, with all that is in it."""
        return self.everything or organization.pk in self.organizations

    def touches(self, organization: Organization) -> bool:
        """At least a part of it."""
        return self.everything or organization.pk in self.touched

    def covers_ou(self, ou: OrganizationalUnit) -> bool:
        return (
            self.everything
            or ou.organization_id in self.organizations
            or any(ou.lineage.startswith(lineage) for lineage in self.lineages)
        )

    def covers_account(self, account: Account) -> bool:
        return (
            self.everything
            or account.organization_id in self.organizations
            or account.owner_team_id in self.owner_teams
            or account.pk in self.accounts
            or (account.ou is not None and self.covers_ou(account.ou))
        )

    def below(self, lineage_field: str) -> Q:
        """For rows with an organization and, on the given path, the lineage of an OU."""
        condition = self.on_whole_organizations("organization")
        for lineage in self.lineages:
            condition |= Q(**{f"{lineage_field}__startswith": lineage})
        return condition


NOTHING = Reach()
EVERYTHING = Reach(everything=True)


def reach_of(user: User | AnonymousUser, permission: Permission = Permission.VIEW) -> Reach:
    """Where the person has the permission; a superuser has it everywhere, the inactive nowhere.

    While a request is answered that came with a limited token, its person reaches no more than it.
    """
    if not user.is_active or isinstance(user, AnonymousUser):
        return NOTHING
    whole = EVERYTHING if user.is_superuser else _granted(user, permission)
    limit = _limit.get()
    return whole if limit is None or limit.user != user.pk else _narrowed(whole, limit)


def _granted(user: User, permission: Permission) -> Reach:
    remembered = _remembered.get() or Remembered()
    asked = (user.pk, permission)
    if asked not in remembered.reaches:
        roles = roles_that_permit(permission)
        held = [grant for grant in _grants_of(user, remembered) if grant.role in roles]
        remembered.reaches[asked] = reach_by(held)
    return remembered.reaches[asked]


_limit: ContextVar[Limit | None] = ContextVar("_limit", default=None)


@contextmanager
def limits_forgotten() -> Iterator[None]:
    """Around every request: what :func:`limit_reach` says in it ends with it."""
    token = _limit.set(None)
    try:
        yield
    finally:
        _limit.reset(token)


def limit_reach(limit: Limit | None) -> None:
    """From now on the person of a token reaches no more than the token."""
    _limit.set(limit)


def _narrowed(whole: Reach, limit: Limit) -> Reach:
    """What both reach: of two subtrees one is within the other, or they have nothing in common."""
    units = [unit for unit in limit.units if whole.covers_ou(unit)]
    limited = [unit.lineage for unit in limit.units]
    inner = [held for held in whole.lineages if held.startswith(tuple(limited))]
    accounts = [account for account in limit.accounts if whole.covers_account(account)]
    owned = _owned_within(whole.owner_teams, limit.units)
    return Reach(
        lineages=frozenset([unit.lineage for unit in units] + inner),
        accounts=frozenset([account.pk for account in accounts] + [pk for pk, _ in owned]),
        touched=frozenset(
            [unit.organization_id for unit in units]
            + [account.organization_id for account in accounts]
            + [organization for _, organization in owned]
            + [unit.organization_id for unit in limit.units if _is_above(unit, inner)]
        ),
        limit=limit,
    )


def _is_above(unit: OrganizationalUnit, lineages: Iterable[str]) -> bool:
    return any(lineage.startswith(unit.lineage) for lineage in lineages)


def _owned_within(
    teams: Iterable[int], units: Iterable[OrganizationalUnit]
) -> list[tuple[int, int]]:
    """Accounts of teams in OUs: their ids, and those of their organizations."""
    if not teams:
        return []
    accounts = apps.get_model("accounts", "Account").objects.filter(owner_team__in=teams)
    below = Q(pk__in=())
    for unit in units:
        below |= Q(ou__lineage__startswith=unit.lineage)
    return list(accounts.filter(below).values_list("pk", "organization_id"))


class Held(NamedTuple):
    """What of a grant says how far it reaches."""

    role: str
    organization_id: int
    lineage: str | None
    """Of the OU that it is narrowed to."""
    accounts_of_id: int | None

    @classmethod
    def of(cls, grant: Grant) -> Held:
        lineage = grant.ou.lineage if grant.ou else None
        return cls(grant.role, grant.organization_id, lineage, grant.accounts_of_id)

    @property
    def is_narrowed(self) -> bool:
        return self.lineage is not None or self.accounts_of_id is not None


@dataclass(frozen=True, slots=True)
class Remembered:
    grants: dict[int, list[Held]] = field(default_factory=dict)
    reaches: dict[tuple[int, Permission], Reach] = field(default_factory=dict)

    def forget(self) -> None:
        self.grants.clear()
        self.reaches.clear()


_remembered: ContextVar[Remembered | None] = ContextVar("_remembered", default=None)


@contextmanager
def grants_remembered() -> Iterator[None]:
    """A person's grants are read once in the block, and in a wider one around it."""
    token = _remembered.set(_remembered.get() or Remembered())
    try:
        yield
    finally:
        _remembered.reset(token)


def forget_grants(**_signal: object) -> None:
    """A grant, or who is in a team, was changed: what is remembered may be no longer so."""
    if (remembered := _remembered.get()) is not None:
        remembered.forget()


def _grants_of(user: User, remembered: Remembered) -> list[Held]:
    if user.pk not in remembered.grants:
        rows = _query_of_grants().rows({SOMEBODY: user.pk, SOME_TIME: timezone.now()})
        remembered.grants[user.pk] = [Held(*row) for row in rows]
    return remembered.grants[user.pk]


@cache
def _query_of_grants() -> Prepared:
    held = Grant.objects.active(SOME_TIME).held_by(User(pk=SOMEBODY)).order_by()
    rows = held.values_list("role", "organization", "ou__lineage", "accounts_of")
    return Prepared.of(rows)


def reach_by(grants: Iterable[Held]) -> Reach:
    """How far grants reach together, whatever their roles permit."""
    held = list(grants)
    return Reach(
        organizations=frozenset(g.organization_id for g in held if not g.is_narrowed),
        lineages=frozenset(g.lineage for g in held if g.lineage is not None),
        owner_teams=frozenset(g.accounts_of_id for g in held if g.accounts_of_id is not None),
        touched=frozenset(g.organization_id for g in held),
    )
