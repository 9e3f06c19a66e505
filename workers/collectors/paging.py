"""Details that come in pages and for which botocore has no paginator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from findings.facts.base import Gap
from workers.collectors.base import Session

Items = tuple[Any, ...]


def detail_items(
    session: Session,
    method: Callable[..., Any],
    key: str,
    *,
    token: str = "NextToken",  # noqa: S107 - the name of a member
    until: Callable[[Any], bool] = lambda _item: False,
    **parameters: Any,
) -> Items | Gap:
    """The items under a key of all pages about one thing, or the gap that stands for them.

    No page is asked for after the one whose last item is the one ``until`` waits for.
    """
    found: list[Any] = []
    asked = parameters
    while True:
        page = session.detail(method, **asked)
        if isinstance(page, Gap):
            return page
        found.extend(page.get(key) or ())
        if not page.get(token) or (found and until(found[-1])):
            return tuple(found)
        asked = parameters | {token: page[token]}
