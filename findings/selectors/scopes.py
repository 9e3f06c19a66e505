"""What a person may choose from when something is declared or stated for some place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from accounts.models import Account, Organization, OrganizationalUnit
from accounts.models.grant import Grant
from accounts.models.reach import Reach, reach_of
from accounts.roles import Permission


def organizations_permitted(user: User, permission: Permission) -> QuerySet[Organization]:
    """Organizations where the person has the permission on at least a part."""
    return Organization.objects.filter(reach_of(user, permission).on_organizations())


def units_permitted(user: User, permission: Permission) -> QuerySet[OrganizationalUnit]:
    return OrganizationalUnit.objects.present().filter(reach_of(user, permission).on_units())


def people_of(organizations: Iterable[Organization], now: datetime) -> QuerySet[User]:
    """Who has a grant there, by themselves or by a team."""
    grants = Grant.objects.active(now).filter(organization__in=organizations)
    members = Q(grants__in=grants) | Q(teams__grants__in=grants)
    found = User.objects.filter(members, is_active=True)
    return User.objects.filter(pk__in=found.values("pk")).order_by("username")


def covers(reach: Reach, target: Account | OrganizationalUnit | Organization) -> bool:
    """Whether a reach is on all of it."""
    if isinstance(target, Account):
        return reach.covers_account(target)
    if isinstance(target, OrganizationalUnit):
        return reach.covers_ou(target)
    return reach.covers_organization(target)
