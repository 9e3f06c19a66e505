"""Accounts for lists: filtered, with where each stands, paged by key."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Max, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from accounts.models import Account
from accounts.selectors import accounts_listed
from findings.models import Shard
from findings.selectors.standing import Counts, counts_by_account, open_findings_by_account

PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """What a list is narrowed to; an empty text narrows nothing. Values come from a URL.

    Without a state, accounts that have left their organization are left out.
    """

    q: str = ""
    ou: str = ""
    state: str = ""
    role_health: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> AccountFilter:
        # PostgreSQL refuses texts with a NUL, and nothing here holds one.
        return cls(
            **{f.name: values.get(f.name, "").replace("\0", "").strip() for f in fields(cls)}
        )

    @property
    def is_narrowed(self) -> bool:
        return self != AccountFilter()

    def apply(self, accounts: QuerySet[Account]) -> QuerySet[Account]:
        found = accounts.filter(state=self.state) if self.state else accounts.exclude(state="LEFT")
        if self.role_health:
            found = found.filter(role_health=self.role_health)
        if self.ou:
            found = found.filter(Q(ou__path=self.ou) | Q(ou__path__startswith=f"{self.ou}/"))
        return found


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account and where it stands; ``collected_at`` is when something was last read there."""

    account: Account
    counts: Counts
    findings: Mapping[str, int]
    collected_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountPage:
    lines: list[AccountLine]
    next_key: str


def account_page(
    user: User | AnonymousUser, wanted: AccountFilter, after: str = "", *, now: datetime
) -> AccountPage:
    """One page by organization, OU and name, after the key of another page's end.

    Raises ValueError for a key that no page gave.
    """
    seen = accounts_listed(user=user, search=wanted.q)
    ordered = (
        wanted.apply(seen)
        .annotate(path=Coalesce("ou__path", Value("")))
        .order_by("organization", "path", "name", "pk")
    )
    if after:
        ordered = ordered.filter(_after(seen, after))
    found = list(ordered[: PAGE + 1])
    is_more = len(found) > PAGE
    return AccountPage(_lines(found[:PAGE], now), str(found[PAGE - 1].uid) if is_more else "")


def _after(seen: QuerySet[Account], key: str) -> Q:
    try:
        last = seen.order_by().get(uid=uuid.UUID(key))
    except (ValueError, Account.DoesNotExist):
        raise ValueError(
            "This is not a place in the list. Begin again at its first page."
        ) from None
    place: dict[str, object] = {
        "organization": last.organization_id,
        "path": last.ou_path,
        "name": last.name,
        "pk": last.pk,
    }
    condition, equal = Q(), Q()
    for name, value in place.items():
        condition |= equal & Q(**{f"{name}__gt": value})
        equal &= Q(**{name: value})
    return condition


def _lines(accounts: Sequence[Account], now: datetime) -> list[AccountLine]:
    page = Account.objects.filter(pk__in=[account.pk for account in accounts])
    counts, findings, instants = (
        counts_by_account(page, now),
        open_findings_by_account(page, now),
        _collected_at(page),
    )
    return [AccountLine(a, counts[a.pk], findings[a.pk], instants.get(a.pk)) for a in accounts]


def _collected_at(accounts: QuerySet[Account]) -> dict[int, datetime]:
    """When a shard of the account was last read; one that could not be read tells nothing."""
    read = Shard.objects.filter(
        account__in=accounts, state__in=(Shard.State.COLLECTED, Shard.State.PARTIAL)
    )
    return dict(read.order_by().values_list("account").annotate(Max("collected_at")))
