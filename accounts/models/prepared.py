"""Queries that are asked again and again with other parameters.

Django takes much longer to build a query than a database to answer it, so one that every request
asks is built once: with stand-ins, in whose place each time what is really asked for is put.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

SOMEBODY = -1
SOME_TIME = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Of plain columns: what the database says of them is not converted."""

    sql: str
    """Empty where no row can match."""
    places: tuple[Any, ...]

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any]) -> Prepared:
        try:
            return cls(*queryset.query.sql_with_params())
        except EmptyResultSet:
            return cls("", ())

    def rows(self, given: Mapping[int | datetime, int | datetime]) -> list[tuple[Any, ...]]:
        """What is found now, for stand-in -> what it stands for."""
        if not self.sql:
            return []
        stand_ins = [(_adapted(stand_in), _adapted(value)) for stand_in, value in given.items()]
        parameters = [
            next((value for stand_in, value in stand_ins if stand_in == place), place)
            for place in self.places
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return list(cursor.fetchall())


def _adapted(value: int | datetime) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
