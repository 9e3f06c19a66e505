"""Events numbered in the order of their commits: one sequence for each organization and noun."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model


def numbered_append(*, sequences: type[Model], organization_id: int, events: Sequence[Any]) -> None:
    """Number events and add them; inside the transaction that they tell of, and last in it.

    The lock on the sequence is held until the commit. So a reader that has seen a number has seen
    every lower one, whichever transaction began first.
    """
    if not events:
        return
    rows = sequences._default_manager
    own = rows.select_for_update().filter(organization_id=organization_id).order_by()
    sequence: Any = own.first()
    if sequence is None:
        rows.bulk_create([sequences(organization_id=organization_id)], ignore_conflicts=True)
        sequence = own.get()
    for number, event in enumerate(events, start=sequence.last + 1):
        event.organization_id, event.number = organization_id, number
    type(events[0])._default_manager.bulk_create(events, batch_size=500)
    sequence.last += len(events)
    sequence.save(update_fields=["last"])
