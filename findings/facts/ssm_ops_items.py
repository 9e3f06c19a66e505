"""Facts of OpsCenter."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact


class OpsItem(Fact, kind="ssm.ops_item", identity=("id",)):
    """An operational item that is Open or InProgress; neither its title nor its data is kept.

    ``severity`` is "1" (critical) to "4" (low), None where nobody gave it one.
    """

    id: str
    status: str
    severity: str | None
    created_at: datetime
