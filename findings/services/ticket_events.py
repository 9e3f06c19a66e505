"""The history of tickets, and the log of what was exchanged about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User

from findings.models import SyncEvent, Ticket, TicketEvent, TicketSequence
from findings.services.numbering import numbered_append

LONGEST = 2000
"""Characters of a value that the log keeps."""


def ticket_events_append(*, organization_id: int, events: Sequence[TicketEvent]) -> None:
    """Number events and add them; inside the transaction that they tell of, and last in it."""
    numbered_append(sequences=TicketSequence, organization_id=organization_id, events=events)


def ticket_event(
    ticket: Ticket,
    kind: TicketEvent.Kind,
    now: datetime,
    *,
    actor: User | None = None,
    who: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> TicketEvent:
    return TicketEvent(
        ticket=ticket,
        kind=kind,
        at=now,
        actor=actor,
        who=who[:255],
        before=dict(before or {}),
        after=dict(after or {}),
    )


def sync_event(
    ticket: Ticket,
    direction: SyncEvent.Direction,
    operation: str,
    now: datetime,
    *,
    who: str = "",
    field: str = "",
    old: object = "",
    new: object = "",
    why: str = "",
    error: str = "",
) -> SyncEvent:
    """An entry for the log, not yet saved."""
    return SyncEvent(
        ticket=ticket,
        connection=ticket.connection,
        at=now,
        direction=direction,
        operation=operation[:32],
        who=who[:255],
        field=field[:32],
        old=_words(old),
        new=_words(new),
        why=_words(why),
        error=_words(error),
    )


def _words(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (set, frozenset)):
        value = ", ".join(sorted(map(str, value)))
    text = str(value).replace("\0", "")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
