"""What the readers of every kind of export share: batches by key, and whose rows are wanted.

A batch is narrowed anew to what the person may see, so who loses access is told no more from the
next batch on. Rows are as they stand when they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet

from accounts.models import Account, Organization

BATCH = 1000
Row = dict[str, Any]
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows, and the (internal) ids of the accounts that they tell of.

    ``of_whole``: some of them are for those who see the organization as a whole.
    """

    rows: list[Row]
    accounts: frozenset[int]
    of_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose rows of which organization, how narrowed, as of when."""

    user: User
    organization: Organization
    filters: Mapping[str, str] = field(default_factory=dict)
    now: datetime


Reader = Callable[[Wanted], Iterator[Batch]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The rows of a kind; ``number`` of them is told where it can be counted beforehand."""

    columns: tuple[str, ...]
    read: Reader
    number: Callable[[Wanted], int | None] = lambda wanted: None


def by_key(rows: Callable[[], QuerySet[M]], size: int | None = None) -> Iterator[list[M]]:
    """Pieces in the order of the key; the rows are asked for anew each time."""
    last = 0
    while found := list(rows().filter(pk__gt=last).order_by("pk")[: size or BATCH]):
        yield found
        last = found[-1].pk


def of_account(account: Account) -> Row:
    return {
        "account_id": account.account_id,
        "account_name": account.name,
        "ou": account.ou.path if account.ou else "",
    }
