"""The history of suppressions, numbered in the order of the commits."""

from __future__ import annotations

from collections.abc import Sequence

from findings.models import SuppressionCursor, SuppressionEvent


def cursor_lock(organization_id: int) -> SuppressionCursor:
    """The row that every change of an organization's suppressions takes first, and holds.

    So a decision never meets one that trips or is followed, whichever began first.
    """
    rows = SuppressionCursor.objects
    own = rows.select_for_update().filter(organization_id=organization_id).order_by()
    for cursor in own:
        return cursor
    fresh = SuppressionCursor(organization_id=organization_id)
    rows.bulk_create([fresh], ignore_conflicts=True)
    return own.get()


def suppression_events_append(
    cursor: SuppressionCursor, events: Sequence[SuppressionEvent]
) -> None:
    """Number events and add them, under the lock of the cursor."""
    if not events:
        return
    for number, event in enumerate(events, start=cursor.last + 1):
        event.organization_id, event.number = cursor.organization_id, number
    SuppressionEvent.objects.bulk_create(events, batch_size=500)
    cursor.last += len(events)
    cursor.save(update_fields=["last"])
