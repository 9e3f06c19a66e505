"""The history of findings, numbered in the order of the commits."""

from collections.abc import Sequence

from findings.models import EventSequence, FindingEvent
from findings.services.numbering import numbered_append


def events_append(*, organization_id: int, events: Sequence[FindingEvent]) -> None:
    """Number events and add them; inside the transaction that they tell of, and last in it."""
    numbered_append(sequences=EventSequence, organization_id=organization_id, events=events)
