"""Facts of maintenance windows."""

from __future__ import annotations

from datetime import datetime, timedelta

from findings.facts.base import Fact


class MaintenanceWindow(
    Fact,
    kind="ssm.maintenance_window",
    identity=("id",),
    volatile=("next_run", "known_from", "known_until", "ended_status", "ended_at"),
):
    """A maintenance window, what it runs on what, and how it ended last.

    ``next_run`` is AWS's own text; it is None for a window that does not run again.
    ``tasks_for_targets`` counts the tasks that name targets registered with the window; the others
    name theirs, or need none. ``ended_status`` and ``ended_at`` are of the execution that ended
    last in the time that is known, None where none did.
    """

    id: str
    name: str | None
    is_enabled: bool
    schedule: str | None
    next_run: str | None
    targets: int
    tasks: int
    tasks_for_targets: int
    known_from: datetime
    known_until: datetime
    ended_status: str | None
    ended_at: datetime | None

    @property
    def known_for(self) -> timedelta:
        return self.known_until - self.known_from
