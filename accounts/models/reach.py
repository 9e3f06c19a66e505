"""How far a person's grants reach: the one place that turns grants into rows.

A reach is read from the database each time it is asked for, so a grant that was taken away or has
expired is gone with the next query. Only while one page is read are its grants remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q
from django.utils import timezone

from accounts.models.grant import Grant
from accounts.roles import Permission, roles_that_permit

if TYPE_CHECKING:
    from accounts.models.account import Account
    from accounts.models.organization import Organization, OrganizationalUnit


ALL_ROWS = ~Q(pk__in=())
"""True for every row; an empty Q() would vanish from ``Q() | condition``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Organizations, OU subtrees (by lineage) and teams' accounts that one permission covers.

    ``organizations`` are covered as a whole; in those ``touched`` at least something is.
    """

    everything: bool = False
    organizations: frozenset[int] = frozenset()
    lineages: frozenset[str] = frozenset()
    owner_teams: frozenset[int] = frozenset()
    touched: frozenset[int] = frozenset()

    def on_accounts(self) -> Q:
        return self.below("ou__lineage") | Q(owner_team__in=self.owner_teams)

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
    """Where the person has the permission; a superuser has it everywhere, the inactive nowhere."""
    if not user.is_active or isinstance(user, AnonymousUser):
        return NOTHING
    if user.is_superuser:
        return EVERYTHING
    roles = roles_that_permit(permission)
    return _combine(grant for grant in _grants_of(user) if grant.role in roles)


_remembered: ContextVar[dict[int, list[Grant]] | None] = ContextVar("_remembered", default=None)


@contextmanager
def grants_remembered() -> Iterator[None]:
    """A person's grants are read once in the block: for a request that changes nothing."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def _grants_of(user: User) -> list[Grant]:
    remembered = _remembered.get()
    if remembered is not None and user.pk in remembered:
        return remembered[user.pk]
    held = Grant.objects.active(timezone.now()).held_by(user)
    grants = list(held.select_related("ou").distinct())
    if remembered is not None:
        remembered[user.pk] = grants
    return grants


def _combine(grants: Iterable[Grant]) -> Reach:
    held = list(grants)
    return Reach(
        organizations=frozenset(g.organization_id for g in held if not g.is_narrowed),
        lineages=frozenset(g.ou.lineage for g in held if g.ou),
        owner_teams=frozenset(g.accounts_of_id for g in held if g.accounts_of_id),
        touched=frozenset(g.organization_id for g in held),
    )
