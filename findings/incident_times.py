"""How long an incident's stages took, from its five instants (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class IncidentState(StrEnum):
    ONGOING = "ongoing"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTimes:
    """Each instant is known or None; none lies before one that stands above it."""

    started_at: datetime
    detected_at: datetime | None = None
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def state(self) -> IncidentState:
        if self.resolved_at is not None:
            return IncidentState.RESOLVED
        return IncidentState.ONGOING if self.mitigated_at is None else IncidentState.MITIGATED

    @property
    def to_detect(self) -> timedelta | None:
        return _between(self.started_at, self.detected_at)

    @property
    def to_acknowledge(self) -> timedelta | None:
        """From the detection: how long nobody answered what was seen."""
        return _between(self.detected_at, self.acknowledged_at)

    @property
    def to_mitigate(self) -> timedelta | None:
        return _between(self.started_at, self.mitigated_at)

    @property
    def to_resolve(self) -> timedelta | None:
        return _between(self.started_at, self.resolved_at)


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return None if start is None or end is None else end - start
