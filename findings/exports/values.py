"""Values of rows as text and as JSON, one way for every format."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID


def plain(value: object) -> str:
    """Text for a cell: nothing for None, instants in UTC, lists and mappings as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | Mapping):
        return json_text(value)
    simple = of_json(value)
    return simple if isinstance(simple, str) else str(simple)


def json_text(value: object) -> str:
    """One line of JSON with sorted keys; any line break is escaped."""
    return json.dumps(value, default=of_json, sort_keys=True, ensure_ascii=True)


def of_json(value: object) -> object:
    """What JSON has no type for: instants and days as ISO 8601, the rest as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value if isinstance(value, int | float) else str(value)


def json_lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    """One JSON object on each line. Source: https://jsonlines.org"""
    return "".join(f"{json_text(row)}\n" for row in rows).encode()
