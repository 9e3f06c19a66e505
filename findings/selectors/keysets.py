"""Pages of rows that are told the newest first, each after the key of the one before."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

PAGE = 50
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class NewestPage(Generic[M]):
    rows: list[M]
    next_key: str
    """Empty at the end."""


def newest_page(rows: QuerySet[M], after: str = "", *, size: int = PAGE) -> NewestPage[M]:
    """One page, newest first, after the id that another page ended with.

    Raises ValueError for a key that no page gave.
    """
    if after:
        if not after.isascii() or not after.isdigit() or len(after) > 18:
            raise ValueError("This is not a place in the list. Begin again at its first page.")
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.order_by("-pk")[: size + 1])
    return NewestPage(found[:size], str(found[size - 1].pk) if len(found) > size else "")
