"""Facts of Fault Injection Service."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact


class Experiment(Fact, kind="fis.experiment", identity=("id",)):
    """An experiment that was started; ``runs_actions`` is false where it only resolved targets."""

    id: str
    status: str
    created_at: datetime
    runs_actions: bool
