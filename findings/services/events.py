"""The history of findings, numbered in the order of the commits."""

from collections.abc import Sequence

from findings.models import EventSequence, FindingEvent


def events_append(*, organization_id: int, events: Sequence[FindingEvent]) -> None:
    """Number events and add them; inside the transaction that they tell of, and last in it.

    The lock on the sequence is held until the commit. So a reader that has seen a number has seen
    every lower one, whichever transaction began first.
    """
    if not events:
        return
    EventSequence.objects.bulk_create(
        [EventSequence(organization_id=organization_id)], ignore_conflicts=True
    )
    sequence = EventSequence.objects.select_for_update().get(organization_id=organization_id)
    for number, event in enumerate(events, start=sequence.last + 1):
        event.organization_id, event.number = organization_id, number
    FindingEvent.objects.bulk_create(events, batch_size=500)
    sequence.last += len(events)
    sequence.save(update_fields=["last"])
