"""The pages of a listing, also of one for which botocore has no paginator."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import PaginationError

TOKENS = ("NextToken", "nextToken")


def pages_of(client: Any, method: str, **parameters: Any) -> Iterator[Any]:
    """All pages; raises PaginationError where a page tells to begin again with itself."""
    if client.can_paginate(method):
        yield from client.get_paginator(method).paginate(**parameters)
        return
    asked = parameters
    while True:
        page = getattr(client, method)(**asked)
        yield page
        more = {name: page[name] for name in TOKENS if page.get(name)}
        if not more:
            return
        if asked == parameters | more:
            raise PaginationError(message=f"{method} gave the same token twice")
        asked = parameters | more
