"""The words in which tickets are compared: what the portal wants, what a tracker tells (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class StatusCategory(StrEnum):
    """What a status means, whatever its name; every tracker's statuses fall into these."""

    TODO = "todo"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class Resolution(StrEnum):
    """How an issue came to be done; NONE while it is not, and where a tracker tells none."""

    NONE = ""
    DONE = "done"
    WONT_DO = "wont_do"
    """Will not be fixed, not planned, rejected, duplicate: done without the thing being done."""


class Field(StrEnum):
    """A field that the portal owns; a tracker may lack some of them."""

    TITLE = "title"
    PRIORITY = "priority"
    DUE_DATE = "due_date"
    BLOCK = "block"
    LABELS = "labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class OurComment:
    """A comment that the portal appends once. ``id`` is stable: 32 hexadecimal digits."""

    id: str
    body: str
    """Markdown, without the line that marks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusDemand:
    """A move that evidence asks for. It is carried out once; what people move later is theirs.

    DONE asks for a status that is done. TODO and IN_PROGRESS ask for one that is not, that
    category first.
    """

    id: str
    category: StatusCategory
    basis: datetime | None = None
    """Their time of the status that the demand answers; a later move of theirs goes before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredTicket:
    """How a ticket shall stand, as far as it is the portal's to say."""

    marker: str
    """By which its issue is found again, see ``block.marker_of``."""
    title: str
    severity: str
    """Critical to informational, as findings have it."""
    priority: str = ""
    """The tracker's own id of a priority, by the route's map; empty: the tracker's default."""
    due_date: date | None = None
    """None: theirs stands, unless one of ours is there, which is taken away."""
    block: str = ""
    """Markdown between our markers, as ``block.normal`` leaves it."""
    labels: frozenset[str] = frozenset()
    """Ours, without spaces. All others are theirs."""
    status: StatusDemand | None = None
    """None: theirs stands."""
    comments: tuple[OurComment, ...] = ()
    """Every comment of ours since the ticket began, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteComment:
    """A comment as the tracker tells it."""

    id: str
    body: str
    """Markdown; of ours without the line that marks it."""
    author: str = ""
    created_at: datetime | None = None
    our_id: str = ""
    """The id of :class:`OurComment` where its last line is our marker; empty for theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteIssue:
    """An issue as a tracker told it at one moment. All times are the tracker's, with a zone."""

    external_id: str
    """Never changes, not even when the issue moves to another project."""
    key: str
    """What people call it, such as OPS-12 or owner/name#12; may change."""
    url: str
    """For people; https or http, without credentials."""
    project: str = ""
    """Where it is by now, as a route names it; empty where that is not told."""
    version: str
    """Opaque, compared for equality only: equal means that nothing changed."""
    updated_at: datetime
    status_changed_at: datetime | None
    """None where the tracker does not tell; ``updated_at`` then stands for it."""
    assignee_changed_at: datetime | None
    title: str
    description: str
    """All of it, in Markdown: our block between its markers, their text around it."""
    priority: str = ""
    """The tracker's id of it; empty where it has none."""
    due_date: date | None = None
    status_id: str
    status_category: StatusCategory
    status_name: str = ""
    """For people to read; never compared."""
    resolution: Resolution = Resolution.NONE
    assignee: str = ""
    """The tracker's id of the account; empty: nobody."""
    assignee_name: str = ""
    labels: frozenset[str] = frozenset()
    comments: tuple[RemoteComment, ...] = ()
    """All of them, the oldest first."""

    @property
    def status_at(self) -> datetime:
        return self.status_changed_at or self.updated_at

    @property
    def assignee_at(self) -> datetime:
        return self.assignee_changed_at or self.updated_at
