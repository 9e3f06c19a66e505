import re
from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

POSITION = re.compile("[0-9]{1,18}")


class NewestFirst(CursorPagination):
    """Opaque cursors over the internal id, so that a page never repeats or leaves out a row."""

    ordering = "-id"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            raise _unknown_cursor() from None
        if cursor and not POSITION.fullmatch(str(cursor.position)):
            raise _unknown_cursor()
        return cursor

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get("page_size")
        if given is None:
            return self.page_size
        if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= self.max_page_size:
            message = f"Give a number from 1 to {self.max_page_size}."
            raise ValidationError({"page_size": [message]})
        return int(given)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Both links are always there, and null at the ends."""
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        return {**described, "required": ["next", "previous", "results"]}


def _unknown_cursor() -> ValidationError:
    message = "This is not a cursor of this list. Follow the next and previous of an answer."
    return ValidationError({"cursor": [message]})
