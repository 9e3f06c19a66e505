"""Who may see and do what: the one place that pages, API, admin, counts and exports all ask.

A person is given a role by grants (``accounts.models.Grant``) on an organization, an OU with all
below it, or the accounts of a team. Rows are narrowed with ``scoped`` or a queryset's
``visible_to``; a single act is asked for with ``can`` or ``require``. Superusers may do everything,
inactive and anonymous users nothing. ``None`` as the actor is the system itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet

from accounts.models import Account, Grant, Organization, OrganizationalUnit, Team
from accounts.models.account import AccountQuerySet
from accounts.models.reach import Held, Reach, reach_by, reach_of
from accounts.roles import Permission, Role, roles_that_permit

__all__ = [
    "Denied",
    "Permission",
    "Reach",
    "Role",
    "Target",
    "can",
    "people_seeing",
    "reach_of",
    "require",
    "require_on_accounts",
    "scoped",
    "visible_accounts",
    "visible_grants",
    "visible_organizations",
]

Target = Account | OrganizationalUnit | Organization | Team | None
M = TypeVar("M", bound=Model)


class Denied(PermissionDenied):
    """The person may not do this; views answer 403, or 404 where the object is not visible."""


def can(user: User | AnonymousUser | None, permission: Permission, on: Target = None) -> bool:
    """Whether the person has the permission on all of the target; without one: installation-wide.

    An organization may be *viewed* by everyone who may view a part of it.
    """
    if user is None:
        return True
    reach = reach_of(user, permission)
    if isinstance(on, Account):
        return reach.covers_account(on)
    if isinstance(on, OrganizationalUnit):
        return reach.covers_ou(on)
    if on is None:
        return reach.everything
    organization = on.organization if isinstance(on, Team) else on
    if permission is Permission.VIEW:
        return reach.touches(organization)
    return reach.covers_organization(organization)


def require(user: User | AnonymousUser | None, permission: Permission, on: Target = None) -> None:
    """Raise :class:`Denied` unless the person has the permission on the target."""
    if not can(user, permission, on):
        where = f"on {on}" if on else "in this installation"
        act = permission.replace("_", " ")
        raise Denied(f"You may not {act} {where}. Ask one of its administrators for a grant.")


def require_on_accounts(
    user: User | AnonymousUser | None, permission: Permission, accounts: Iterable[int]
) -> None:
    """Raise :class:`Denied` unless the person has it on every account; which one is not told.

    The accounts are given by their primary keys.
    """
    if user is None:
        return
    asked = set(accounts)
    permitted = Account.objects.visible_to(user, permission).filter(pk__in=asked)
    if permitted.count() < len(asked):
        act = permission.replace("_", " ")
        raise Denied(
            f"You may not {act} on every account that this is about. Ask an administrator for a"
            " grant."
        )


def people_seeing(
    organization: Organization, accounts: Iterable[Account], now: datetime
) -> QuerySet[User]:
    """Who sees all of the accounts; where none is named, the whole organization.

    By grants, in one query for everybody: superusers without any are not among them.
    """
    named = list(accounts)
    roles = roles_that_permit(Permission.VIEW)
    grants = Grant.objects.active(now).filter(organization=organization, role__in=roles)
    held: defaultdict[int, list[Held]] = defaultdict(list)
    for grant in grants.select_related("ou", "team").prefetch_related("team__members"):
        members = [member.pk for member in grant.team.members.all()] if grant.team else []
        for pk in [grant.user_id] if grant.user_id else members:
            held[pk].append(Held.of(grant))
    reaches = {pk: reach_by(found) for pk, found in held.items()}
    seeing = [
        pk
        for pk, reach in reaches.items()
        if reach.covers_organization(organization)
        or (named and all(reach.covers_account(account) for account in named))
    ]
    return User.objects.filter(pk__in=seeing, is_active=True).order_by("username")


def visible_accounts(
    user: User | AnonymousUser, permission: Permission = Permission.VIEW
) -> AccountQuerySet:
    return Account.objects.visible_to(user, permission)


def visible_grants(user: User | AnonymousUser) -> QuerySet[Grant]:
    """Grants on what the person administers."""
    return Grant.objects.filter(reach_of(user, Permission.ADMINISTER).below("ou__lineage"))


def visible_organizations(user: User | AnonymousUser) -> QuerySet[Organization]:
    return Organization.objects.visible_to(user)


def scoped(
    queryset: QuerySet[M],
    user: User | AnonymousUser,
    *,
    account_field: str = "account",
    organization_field: str = "",
    permission: Permission = Permission.VIEW,
) -> QuerySet[M]:
    """The rows whose account the person may see.

    ``organization_field`` lets rows that have no account, because they speak of a whole
    organization, be seen by those who see all of it. Never multiplies rows.
    """
    reach = reach_of(user, permission)
    if reach.everything:
        return queryset
    accounts = Account.objects.filter(reach.on_accounts())
    condition = Q(**{f"{account_field}__in": accounts.values("pk")})
    if organization_field:
        without = Q(**{f"{account_field}__isnull": True})
        condition |= without & reach.on_whole_organizations(organization_field)
    return queryset.filter(condition)
