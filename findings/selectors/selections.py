"""What scans and schedules are limited to, as far as a person may know."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User

from accounts.access import reach_of
from findings.models import Scan, Schedule

_NAMES_PLACES = ("ous", "accounts")


def selection_seen(row: Scan | Schedule, user: User | AnonymousUser) -> dict[str, list[str]]:
    """The selection without OUs and accounts for a person who may not see all of them.

    Whole to who sees the whole organization, and to who made it, but not to a limited token.
    """
    maker = row.requested_by_id if isinstance(row, Scan) else row.created_by_id
    whole: dict[str, list[str]] = row.selection
    reach = reach_of(user)
    is_maker = maker == user.pk and reach.limit is None
    if reach.covers_organization(row.organization) or (maker and is_maker):
        return whole
    return {name: listed for name, listed in whole.items() if name not in _NAMES_PLACES}
