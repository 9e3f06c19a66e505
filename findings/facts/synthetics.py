"""Facts of CloudWatch Synthetics."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact


class Canary(
    Fact,
    kind="synthetics.canary",
    identity=("name",),
    volatile=("last_run", "last_run_completed_at"),
):
    """A canary. ``last_run`` is RUNNING, PASSED or FAILED, None before the first.

    ``runtime_deprecated_at`` is None for a runtime that AWS has not announced an end for.
    """

    name: str
    state: str | None
    runtime: str | None
    runtime_deprecated_at: datetime | None
    last_run: str | None
    last_run_completed_at: datetime | None
