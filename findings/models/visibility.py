"""Who sees a row that names several accounts."""

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Account
from accounts.models.reach import reach_of
from accounts.roles import Permission


def sees_all_of(
    user: User | AnonymousUser,
    named: type[models.Model],
    of: str,
    permission: Permission = Permission.VIEW,
) -> Q:
    """For rows that name accounts by a table of (row, account): none of them is hidden.

    What names no account, or names the organization by a row without one, is for those who have
    the permission on its whole organization.
    """
    reach = reach_of(user, permission)
    whole = reach.on_whole_organizations("organization")
    if reach.is_undivided:
        return whole
    accounts = Account.objects.visible_to(user, permission)
    rows = named._default_manager.filter(**{of: OuterRef("pk")})
    return whole | Q(Exists(rows)) & ~Q(Exists(rows.exclude(account__in=accounts)))
