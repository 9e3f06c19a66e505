"""What pages, API and exports read of organizations and accounts; always as one person sees it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, F, Q, QuerySet

from accounts.access import Permission, require, visible_accounts
from accounts.models import Account, Organization, OrganizationalUnit
from accounts.ownership import Subject, Verdict, explain


@dataclass(frozen=True, slots=True, kw_only=True)
class OuRow:
    """An OU in the order of the tree, and how many visible accounts are directly in it."""

    ou: OrganizationalUnit
    depth: int
    accounts: int


def accounts_listed(
    *,
    user: User | AnonymousUser,
    organization: Organization | None = None,
    ou: OrganizationalUnit | None = None,
    search: str = "",
) -> QuerySet[Account]:
    """Visible accounts, by path and name; ``ou`` means with everything below it.

    Searches ids and names, and mail addresses only where the person may see them.
    """
    accounts = visible_accounts(user).select_related("organization", "ou", "owner_team")
    if organization:
        accounts = accounts.filter(organization=organization)
    if ou:
        accounts = accounts.within(ou)
    if search:
        personal = visible_accounts(user, Permission.VIEW_PERSONAL)
        by_email = Q(email__icontains=search, pk__in=personal.values("pk"))
        by_name = Q(account_id__contains=search) | Q(name__icontains=search)
        accounts = accounts.filter(by_name | by_email)
    at_root_first = F("ou__path").asc(nulls_first=True)
    return accounts.order_by("organization", at_root_first, "name", "pk")


def ous_in_tree(*, user: User | AnonymousUser, organization: Organization) -> list[OuRow]:
    """The visible OUs of an organization, each after the one above it."""
    visible = visible_accounts(user).filter(organization=organization).order_by()
    pairs = visible.values_list("ou").annotate(count=Count("pk"))
    counts: dict[int | None, int] = dict(pairs)
    ous = organization.units.visible_to(user).present().order_by("path")
    return [
        OuRow(ou=ou, depth=ou.lineage.count("/") - 1, accounts=counts.get(ou.pk, 0)) for ou in ous
    ]


def owner_explained(
    *, user: User | AnonymousUser, account: Account, subject: Subject | None = None
) -> tuple[Verdict, ...]:
    """Every ownership rule with why it fits the account, or a finding in it, or does not."""
    require(user, Permission.VIEW, account)
    rules = account.organization.ownership_rules.select_related("team", "ou", "account")
    return explain(rules, subject or Subject(account=account))
