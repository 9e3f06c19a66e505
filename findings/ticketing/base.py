"""How both sides of a ticket stood when last they were compared (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from findings.ticketing import block
from findings.ticketing.state import (
    DesiredTicket,
    Field,
    RemoteIssue,
    Resolution,
    StatusCategory,
)

Value = str | date | frozenset[str] | None
Values = Mapping[Field, Value]
_NONE: Mapping[Field, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What we had sent, what they told afterwards, and where they stood in what is theirs.

    A tracker may keep a field in its own way (a title cut short, Markdown written otherwise). So
    ours is compared with what we sent, and theirs with what they told of it.
    """

    sent: Values
    told: Values
    tried: Values = field(default_factory=lambda: MappingProxyType({}))
    """What they told right after a write, where it is not what was written: their own way to keep
    it if a second write gives the same, else somebody's edit that came between.
    """
    put_back: Mapping[Field, int] = field(default_factory=lambda: _NONE)
    """How often in a row a field was put back that others had changed."""
    version: str
    updated_at: datetime
    status_id: str
    status_category: StatusCategory
    status_name: str = ""
    resolution: Resolution = Resolution.NONE
    status_at: datetime
    assignee: str = ""
    assignee_name: str = ""
    assignee_at: datetime
    demand: str = ""
    """The id of the last demand for a status that was carried out."""
    our_comments: frozenset[str] = frozenset()
    """Ids of ours that have been there once; one that is taken away is not appended again."""
    their_comments: frozenset[str] = frozenset()
    """Their ids of theirs that have been read."""


def desired_values(desired: DesiredTicket) -> dict[Field, Value]:
    return {
        Field.TITLE: block.normal(desired.title),
        Field.PRIORITY: desired.priority,
        Field.DUE_DATE: desired.due_date,
        Field.BLOCK: block.normal(desired.block),
        Field.LABELS: desired.labels,
    }


def remote_values(issue: RemoteIssue, marker: str) -> dict[Field, Value]:
    return {
        Field.TITLE: block.normal(issue.title),
        Field.PRIORITY: issue.priority,
        Field.DUE_DATE: issue.due_date,
        Field.BLOCK: block.take(issue.description, marker),
        Field.LABELS: issue.labels,
    }
