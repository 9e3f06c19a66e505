"""Bases and what is desired, as JSON and back (pure). Keys of a later version are dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from findings.ticketing.base import Base, Value, Values
from findings.ticketing.state import (
    DesiredTicket,
    Field,
    OurComment,
    Resolution,
    StatusCategory,
    StatusDemand,
)

Stored = dict[str, Any]


def base_to_json(base: Base) -> Stored:
    return {
        **{name: getattr(base, name) for name in _PLAIN},
        "sent": _values_to_json(base.sent),
        "told": _values_to_json(base.told),
        "tried": _values_to_json(base.tried),
        "put_back": {name.value: times for name, times in base.put_back.items() if times},
        "updated_at": base.updated_at.isoformat(),
        "status_at": base.status_at.isoformat(),
        "assignee_at": base.assignee_at.isoformat(),
        "our_comments": sorted(base.our_comments),
        "their_comments": sorted(base.their_comments),
    }


_PLAIN = (
    "version",
    "status_id",
    "status_category",
    "status_name",
    "resolution",
    "assignee",
    "assignee_name",
    "demand",
)


def base_of_json(stored: Stored) -> Base:
    return Base(
        sent=_values_of_json(stored["sent"]),
        told=_values_of_json(stored["told"]),
        tried=_values_of_json(stored.get("tried", {})),
        put_back={Field(name): times for name, times in stored["put_back"].items()},
        version=stored["version"],
        updated_at=datetime.fromisoformat(stored["updated_at"]),
        status_id=stored["status_id"],
        status_category=StatusCategory(stored["status_category"]),
        status_name=stored["status_name"],
        resolution=Resolution(stored["resolution"]),
        status_at=datetime.fromisoformat(stored["status_at"]),
        assignee=stored["assignee"],
        assignee_name=stored["assignee_name"],
        assignee_at=datetime.fromisoformat(stored["assignee_at"]),
        demand=stored["demand"],
        our_comments=frozenset(stored["our_comments"]),
        their_comments=frozenset(stored["their_comments"]),
    )


def desired_to_json(desired: DesiredTicket) -> Stored:
    """All of it but comments, which have rows of their own."""
    stored = asdict(desired)
    del stored["comments"]
    stored["labels"] = sorted(desired.labels)
    stored["due_date"] = desired.due_date.isoformat() if desired.due_date else None
    if desired.status:
        basis = desired.status.basis
        stored["status"]["basis"] = basis.isoformat() if basis else None
    return stored


def desired_of_json(stored: Stored, comments: tuple[OurComment, ...] = ()) -> DesiredTicket:
    return DesiredTicket(
        marker=stored["marker"],
        title=stored["title"],
        severity=stored["severity"],
        priority=stored["priority"],
        due_date=_date(stored["due_date"]),
        block=stored["block"],
        labels=frozenset(stored["labels"]),
        status=_demand(stored["status"]),
        comments=comments,
    )


def _demand(stored: Stored | None) -> StatusDemand | None:
    if stored is None:
        return None
    basis = stored["basis"]
    return StatusDemand(
        id=stored["id"],
        category=StatusCategory(stored["category"]),
        basis=datetime.fromisoformat(basis) if basis else None,
    )


def _values_to_json(values: Values) -> dict[str, Any]:
    return {name.value: _value_to_json(value) for name, value in values.items()}


def _value_to_json(value: Value) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value


def _values_of_json(stored: Mapping[str, Any]) -> dict[Field, Value]:
    known = {field.value for field in Field}
    named = {Field(name): value for name, value in stored.items() if name in known}
    return {name: _value_of_json(name, value) for name, value in named.items()}


def _value_of_json(name: Field, value: Any) -> Value:
    if name is Field.DUE_DATE:
        return _date(value)
    return frozenset(value) if name is Field.LABELS else value


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
