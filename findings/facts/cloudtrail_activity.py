"""Facts of CloudTrail's event history: what was changed lately, and by hand or not."""

from __future__ import annotations

from findings.facts.base import Fact, Record

HOURS = 24
"""How far back the event history is read."""


class ChangesByHand(Record):
    """Changes that people made in an hour, counted back from the collection: 0 is the last one.

    ``actor`` is the role that they used, or what kind of user they were; who it was is not kept.
    """

    hour: int
    actor: str
    event: str
    count: int


class WriteActivity(
    Fact,
    kind="cloudtrail.write_activity",
    identity=("region",),
    volatile=("covered_hours", "writes", "by_hand"),
):
    """Writing management events of a region in the 24 hours before the collection.

    ``writes`` has those of each hour, newest first, which AWS services did not make themselves.
    Where there were too many to read, only the newest ``covered_hours`` are whole.
    """

    region: str
    covered_hours: int
    writes: tuple[int, ...]
    by_hand: tuple[ChangesByHand, ...]
