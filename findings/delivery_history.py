"""How accounts deliver to production, as it was seen over time. Pure.

AWS forgets after 90 days, or sooner where much is deployed. What one scan has seen is kept, so that
the history reaches back as far as scans followed each other without a hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from findings.dora import (
    Change,
    Figure,
    Window,
    change_failure_rate_of,
    deployment_frequency,
    events_of,
    failures_of,
    lead_time,
    time_to_restore,
)


class SourceKind(StrEnum):
    """What tells of changes: a pipeline, or CodeDeploy of a region, which people had deploy."""

    PIPELINE = "pipeline"
    CODEDEPLOY = "codedeploy"


class Measure(StrEnum):
    """The four figures of DORA."""

    DEPLOYMENT_FREQUENCY = "deployment_frequency"
    LEAD_TIME = "lead_time"
    CHANGE_FAILURE_RATE = "change_failure_rate"
    TIME_TO_RESTORE = "time_to_restore"


UNITS = MappingProxyType(
    {
        Measure.DEPLOYMENT_FREQUENCY: "per week",
        Measure.LEAD_TIME: "hours",
        Measure.CHANGE_FAILURE_RATE: "percent",
        Measure.TIME_TO_RESTORE: "hours",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One source as evidence told of it once: all its changes since ``known_from``.

    ``rolling_back`` are the ids of those that took an earlier one back.
    """

    kind: SourceKind
    region: str
    name: str = ""
    known_from: datetime
    changes: tuple[Change, ...]
    rolling_back: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.region}:{self.name}"


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when everything is known, both included."""

    since: datetime
    until: datetime

    @classmethod
    def parse(cls, kept: Mapping[str, str]) -> Span:
        """From the form in which rows keep it."""
        return cls(datetime.fromisoformat(kept["since"]), datetime.fromisoformat(kept["until"]))

    def to_json(self) -> dict[str, str]:
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}


def joined(kept: Span | None, seen: Span) -> Span:
    """What is known by both together. Across a hole only the later counts: who knows what was in
    between?"""
    if kept is None:
        return seen
    if kept.until < seen.since or seen.until < kept.since:
        return max(kept, seen, key=lambda span: span.until)
    return Span(min(kept.since, seen.since), max(kept.until, seen.until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source with all that was kept of it."""

    kind: SourceKind
    span: Span
    changes: tuple[Change, ...]
    rolling_back: frozenset[str] = frozenset()

    @property
    def forward(self) -> list[Change]:
        """Changes that brought something new."""
        return [change for change in self.changes if change.id not in self.rolling_back]

    @property
    def rollbacks(self) -> list[datetime]:
        return [change.began_at for change in self.changes if change.id in self.rolling_back]


def figures(sources: Iterable[Source], window: Window) -> Mapping[Measure, Figure]:
    """The four figures over all sources together.

    How long a change took and whether it failed is told by pipelines alone; what failed works again
    with the next change of the same pipeline that succeeds.
    """
    known = list(sources)
    pipelines = [source for source in known if source.kind is SourceKind.PIPELINE]
    forward = [change for source in pipelines for change in source.forward]
    return {
        Measure.DEPLOYMENT_FREQUENCY: deployment_frequency(
            (change for source in known for change in source.forward), window
        ),
        Measure.LEAD_TIME: lead_time(forward, window),
        Measure.CHANGE_FAILURE_RATE: change_failure_rate_of(
            [(source.forward, source.rollbacks) for source in pipelines], window
        ),
        Measure.TIME_TO_RESTORE: time_to_restore(
            (failure for source in pipelines for failure in failures_of(events_of(source.changes))),
            window,
        ),
    }
