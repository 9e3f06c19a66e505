"""What every tracker can do: the contract that one conformance suite holds all adapters to.

An adapter is thin: it translates, one operation to as few calls as the tracker needs, and keeps
nothing between two calls. It decides nothing: no retries, no comparing, no waiting. Every operation
raises only :class:`~workers.trackers.errors.TrackerError` for what a tracker or a network can do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from findings.ticketing.state import Field, OurComment, RemoteComment, RemoteIssue, StatusCategory
from workers.outgoing.client import Client

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a connection reaches its tracker. Never logged: ``credentials`` are secret."""

    base_url: str
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Names are the adapter's own: token, user, app_id, private_key, webhook_secret."""
    bot_account: str = ""
    """The tracker's id of the account that we are; empty where it is not known."""
    allows_private: bool = False
    """Whether the host may have a private address; never that of a cloud's metadata."""
    client: Client | None = field(default=None, repr=False)
    """With the allow list and the proxy of the installation; one without any if None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where issues of a route live."""

    project: str
    """The tracker's own name: OPS, owner/name, a table, a routing key's service."""
    issue_type: str = ""
    """The tracker's id or name of it; empty: its default."""
    fields: Mapping[str, Json] = field(default_factory=dict)
    """Fixed values of the tracker's own fields, given when an issue is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a tracker can hold and how soon its searches know what was written."""

    fields: frozenset[Field]
    """Those of ours that it holds; the others are never compared nor sent."""
    categories: frozenset[StatusCategory]
    """Those that an issue can be in."""
    index_lag: timedelta
    """How old an issue may be and still be missing from ``find_by_marker``; zero where that is a
    direct listing.
    """
    tells_wont_do: bool
    title_limit: int
    """In characters; a longer title is cut by the caller."""
    description_limit: int
    has_webhooks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIssue:
    """What an issue is made of."""

    marker: str
    title: str
    description: str
    """Markdown, our block framed in it."""
    priority: str = ""
    due_date: date | None = None
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRef:
    """What an issue is known by, once it was made or found; the same as :class:`RemoteIssue`."""

    external_id: str
    key: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChanges:
    """Only what is named here is written: None leaves a field as it is."""

    title: str | None = None
    description: str | None = None
    priority: str | None = None
    due_date: date | None = None
    clears_due_date: bool = False
    """The due date is taken away; ``due_date`` is None then."""
    labels_added: frozenset[str] = frozenset()
    labels_removed: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        return self == FieldChanges()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionOption:
    """A move that the issue can make from the status it has now."""

    id: str
    name: str
    status_id: str
    category: StatusCategory
    is_wont_do: bool = False
    """It says that the thing will not be done; never chosen by the engine."""
    required_fields: tuple[str, ...] = ()
    """The tracker's fields that must be given with it and have no default."""
    defaults: Mapping[str, Json] = field(default_factory=dict)
    """Values that the adapter gives by itself, unless others are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedIssue:
    """An issue that changed; ``version`` is that of :class:`RemoteIssue`, empty where not told."""

    external_id: str
    key: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """One page of what changed, the oldest change first."""

    issues: tuple[ChangedIssue, ...]
    cursor: str
    """Where the next page, or the next poll, begins; opaque, never empty."""
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a delivery is about. Nothing of it is believed: it says only what to look at."""

    delivery_id: str
    """The tracker's id of it; where it has none, the digest of the body."""
    external_ids: tuple[str, ...]
    """Issues to fetch again; empty: nothing that concerns us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeStep:
    """One line of a connection's test: authenticate, project, required fields, transitions, …"""

    name: str
    is_ok: bool | None
    """None: could not be tried, because a step before it failed or the tracker has no such."""
    detail: str
    """What was found, or what to do about it; for people."""
    is_needed: bool = True
    """Whether tickets cannot do without."""


class Tracker(Protocol):
    """One connection to one tracker."""

    def capabilities(self) -> Capabilities:
        """What it can hold. Without a call where that is fixed."""
        ...

    def probe(self, target: Target) -> tuple[ProbeStep, ...]:
        """Try each step that a ticket's life needs, writing nothing. Raises nothing: a step tells.

        A failed step does not hide those that do not need it.
        """
        ...

    def find_by_marker(
        self, target: Target, marker: str, *, since: datetime
    ) -> tuple[IssueRef, ...]:
        """All issues of the project that were made with the marker, the oldest first.

        By a direct listing of what was made since (our time less an hour: clocks differ) where the
        tracker has one, else by its search. An issue stays found whoever edits it, as long as
        either its label or the mark in its description is left.
        """
        ...

    def create(self, target: Target, issue: NewIssue) -> IssueRef:
        """Make an issue, its marker in the same call.

        Never called again by itself after :class:`Ambiguous`. It is not read here: that it was made
        is to be kept first. A field that the project has no place for may be left out.
        """
        ...

    def get(self, external_id: str) -> RemoteIssue:
        """The issue with all its comments. Raises :class:`Gone`.

        Reading what was written gives the same words: ``block.normal`` of title and description is
        equal for headings, paragraphs, lists of one level, links, bold text and inline code.
        """
        ...

    def list_changed(self, target: Target, cursor: str) -> Changes:
        """What changed in the project since the cursor, by the tracker's clock.

        An empty cursor lists nothing and gives the cursor of now. A cursor overlaps the time before
        it by the index lag, so that nothing is missed that was written late; issues may be told
        again and again. An issue that was deleted is told by no listing.
        """
        ...

    def update_fields(
        self, external_id: str, changes: FieldChanges, *, expected_version: str
    ) -> RemoteIssue:
        """Write what is named and tell the issue as ``get`` does.

        Raises :class:`VersionChanged`, having written nothing, where the issue is of another
        version. A tracker without conditional writes reads it right before it writes. A field that
        the project has no place for may be left out: what is told shows that.
        """
        ...

    def transition_options(self, external_id: str) -> tuple[TransitionOption, ...]:
        """The moves possible now, each with the fields it requires; empty where there is none."""
        ...

    def transition(
        self, external_id: str, option: TransitionOption, *, fields: Mapping[str, Json]
    ) -> RemoteIssue:
        """Move the issue, with values for required fields, and tell it as ``get`` does.

        Raises :class:`Blocked` where the move is no longer possible or a field is missing.
        """
        ...

    def comment(self, external_id: str, comment: OurComment) -> RemoteComment:
        """Append a comment, with its mark (``block.mark_comment``), and tell it as ``get`` does."""
        ...

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the raw body is signed with one of the connection's webhook secrets.

        Compared in constant time; False without a signature, and without a secret. Names of headers
        are in lower case. ``credentials["webhook_secret"]`` may hold two, separated by a space,
        while one replaces the other.
        """
        ...

    def parse_hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        """What a delivery is about. Raises ValueError for one that is not this tracker's."""
        ...
