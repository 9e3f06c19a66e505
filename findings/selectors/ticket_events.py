"""What happened to tickets, under the names by which the feed tells it, each person what is theirs.

Who sees a part of a ticket is told how it moves, and nothing that counts or names what lies beyond.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User

from findings.models import Ticket, TicketEvent

TYPES = {kind: f"ticket.{kind.value}" for kind in TicketEvent.Kind}
OF_A_PART = frozenset({"status", "wont_do", "severity", "due_on", "assignee", "key", "reason"})
"""What of an event is of the ticket as such; all else counts its findings, or names a part."""


@dataclass(frozen=True, slots=True)
class TicketEventTold:
    event: TicketEvent
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def ticket_events_told(
    user: User | AnonymousUser, events: Collection[TicketEvent]
) -> list[TicketEventTold]:
    """Visible events in the words that are for the person, in their order."""
    asked = Ticket.objects.filter(pk__in={event.ticket_id for event in events})
    whole = set(asked.whole_to(user).values_list("pk", flat=True)) if events else set()
    return list(_told(events, whole))


def _told(events: Iterable[TicketEvent], whole: Collection[int]) -> Iterable[TicketEventTold]:
    for event in events:
        is_whole = event.ticket_id in whole
        yield TicketEventTold(event, _seen(event.before, is_whole), _seen(event.after, is_whole))


def _seen(values: Mapping[str, Any], is_whole: bool) -> Mapping[str, Any]:
    return {name: value for name, value in values.items() if is_whole or name in OF_A_PART}
