"""Lists in pages with opaque cursors: the newest first, or by when rows changed."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination, Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

POSITION = re.compile("[0-9]{1,18}")
OVERLAP = timedelta(minutes=10)
"""Longer than any transaction lasts: what commits late changed at most this long ago."""


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
            raise unknown_cursor() from None
        if cursor and not POSITION.fullmatch(str(cursor.position)):
            raise unknown_cursor()
        return cursor

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get("page_size")
        if given is None:
            return self.page_size
        if not given.isascii() or not given.isdigit() or len(given) > 4:
            raise _wrong_size()
        if not 1 <= int(given) <= self.max_page_size:
            raise _wrong_size()
        return int(given)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return page_schema(schema)


def page_schema(rows: dict[str, Any]) -> dict[str, Any]:
    """What a page of a list looks like: both links are always there, and null at the ends."""
    link = {"type": ["string", "null"], "format": "uri"}
    return {
        "type": "object",
        "required": ["next", "previous", "results"],
        "properties": {"next": link, "previous": link, "results": rows},
    }


class Whole(BasePagination):
    """All rows in one page, shaped as those of other lists."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        return list(queryset)

    def get_paginated_response(self, found: Any) -> Response:
        return Response({"next": None, "previous": None, "results": found})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return page_schema(schema)


class Pages(NewestFirst):
    """Newest first; with ``updated_since`` by when rows changed, so that programs can follow.

    A viewset whose rows say when they last changed sets ``changed_field`` to that field (or
    annotation); ``?updated_since=<time>`` then lists what changed from that time on, oldest change
    first, by (changed, id). Such a page has a third link, ``resume``. Follow ``next`` to its end,
    keep the last ``resume``, and call it later: nothing that changed meanwhile is left out, even by
    a transaction that began before and committed after. The price is that changes of the last ten
    minutes may be told twice.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        field = getattr(view, "changed_field", "") if view and view.action == "list" else ""
        place = _place(request, field)
        self._changes = Changes(self, request, field, place) if place else None
        if self._changes:
            return self._changes.page(queryset)
        return super().paginate_queryset(queryset, request, view) or []

    def get_paginated_response(self, found: Any) -> Response:
        return (
            Response({**self._changes.links(), "results": found})
            if self._changes
            else super().get_paginated_response(found)
        )

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        if getattr(view, "changed_field", "") and view.action == "list":
            parameters.append(_UPDATED_SINCE)
        return parameters

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        link = {
            "type": "string",
            "format": "uri",
            "description": "With updated_since: where to go on later.",
        }
        return {**described, "properties": {**described["properties"], "resume": link}}


class Place(NamedTuple):
    """Between two rows: after the row of this id among those that changed at this instant."""

    changed: datetime
    number: int


class Changes:
    """One page of rows by (changed, id), and the links from it."""

    def __init__(self, pages: NewestFirst, request: Request, field: str, start: Place) -> None:
        self.size = pages.get_page_size(request)
        self.url = request.build_absolute_uri()
        self.field, self.start, self.end = field, start, start
        self.has_more = False

    def page(self, rows: QuerySet[Any]) -> list[Any]:
        after = Q(**{f"{self.field}__gt": self.start.changed}) | Q(
            **{self.field: self.start.changed, "pk__gt": self.start.number}
        )
        found = list(rows.filter(after).order_by(self.field, "pk")[: self.size + 1])
        page, self.has_more = found[: self.size], len(found) > self.size
        self.end = self._end(page)
        return page

    def _end(self, page: Sequence[Any]) -> Place:
        return Place(getattr(page[-1], self.field), page[-1].pk) if page else self.start

    def links(self) -> dict[str, str | None]:
        """To go on from within the overlap would leave out what commits late: back to its start."""
        resume = min(self.end, Place(timezone.now() - OVERLAP, 0))
        following = self._link(self.end) if self.has_more else None
        return {"next": following, "previous": None, "resume": self._link(resume)}

    def _link(self, place: Place) -> str:
        url = remove_query_param(self.url, "updated_since")
        return str(replace_query_param(url, "cursor", _encode(place)))


_UPDATED_SINCE = {
    "name": "updated_since",
    "in": "query",
    "required": False,
    "description": "What changed from this time on, the oldest change first; see `resume`.",
    "schema": {"type": "string", "format": "date-time"},
}
_CURSOR = re.compile(r"u=([0-9]{1,17})\.([0-9]{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _encode(place: Place) -> str:
    text = f"u={(place.changed - _EPOCH) // _MICROSECOND}.{place.number}"
    return base64.b64encode(text.encode()).decode()


def _place(request: Request, field: str) -> Place | None:
    """Where a list of changes begins; None for a list of another order."""
    since, cursor = (request.query_params.get(name) for name in ("updated_since", "cursor"))
    if since is not None and not field:
        raise ValidationError({"updated_since": ["This list does not tell when rows changed."]})
    found = _decode(cursor) if cursor else None
    if found and (since is not None or not field):
        raise unknown_cursor()
    return _beginning(since) if since is not None else found


def _beginning(since: str) -> Place:
    try:
        instant = parse_datetime(since)
        if instant is not None and instant.tzinfo is not None and instant >= _EPOCH:
            return Place(instant.astimezone(UTC), 0)
    except (ValueError, OverflowError):
        pass
    message = "Give a time with its zone, such as 2026-03-02T09:00:00Z."
    raise ValidationError({"updated_since": [message]})


def _decode(cursor: str) -> Place | None:
    try:
        text = base64.b64decode(cursor.encode("ascii"), validate=True).decode("ascii")
    except (UnicodeError, binascii.Error):
        return None
    found = _CURSOR.fullmatch(text)
    if found is None:
        return None
    try:
        return Place(_EPOCH + int(found[1]) * _MICROSECOND, int(found[2]))
    except OverflowError:
        raise unknown_cursor() from None


def _wrong_size() -> ValidationError:
    return ValidationError({"page_size": [f"Give a number from 1 to {Pages.max_page_size}."]})


def unknown_cursor() -> ValidationError:
    message = "This is not a cursor of this list. Follow the next and previous of an answer."
    return ValidationError({"cursor": [message]})
