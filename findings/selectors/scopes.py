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
from findings.models import Finding


def organizations_permitted(user: User, permission: Permission) -> QuerySet[Organization]:
    """Organizations where the person has the permission on at least a part."""
    return Organization.objects.filter(reach_of(user, permission).on_organizations())


def organizations_administered(user: User) -> QuerySet[Organization]:
    """Organizations that the person administers as a whole."""
    reach = reach_of(user, Permission.ADMINISTER)
    return Organization.objects.filter(reach.on_whole_organizations("pk"))


def units_permitted(user: User, permission: Permission) -> QuerySet[OrganizationalUnit]:
    return OrganizationalUnit.objects.present().filter(reach_of(user, permission).on_units())


def people_of(organizations: Iterable[Organization], now: datetime) -> QuerySet[User]:
    """Who has a grant there, by themselves or by a team."""
    grants = Grant.objects.active(now).filter(organization__in=organizations)
    members = Q(grants__in=grants) | Q(teams__grants__in=grants)
    found = User.objects.filter(members, is_active=True)
    return User.objects.filter(pk__in=found.values("pk")).order_by("username")


def open_findings_of(organization: Organization, user: User) -> QuerySet[Finding]:
    """What the person may see and choose an example from, the worst and newest first."""
    found = Finding.objects.visible_to(user).open().filter(organization=organization)
    return found.select_related("account").order_by("severity_rank", "-opened_at", "-id")


def covers(reach: Reach, target: Account | OrganizationalUnit | Organization) -> bool:
    """Whether a reach is on all of it."""
    if isinstance(target, Account):
        return reach.covers_account(target)
    if isinstance(target, OrganizationalUnit):
        return reach.covers_ou(target)
    return reach.covers_organization(target)
