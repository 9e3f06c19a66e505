"""Facts of Incident Manager, which answers the same in each region of its replication set."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact


class ReplicationSet(Fact, kind="ssm_incidents.replication_set", identity=("arn",)):
    """Where Incident Manager keeps an account's incidents; without one it is not in use."""

    arn: str


class ResponsePlan(Fact, kind="ssm_incidents.response_plan", identity=("arn",)):
    """What happens when an incident begins: runbooks that start, people and channels it tells."""

    arn: str
    name: str
    runbooks: tuple[str, ...]
    engagements: int
    chat_channels: int


class Incident(Fact, kind="ssm_incidents.incident", identity=("arn",)):
    """An incident resolved in the last 180 days; its title and its timeline are not kept.

    ``impact`` is 1 (critical) to 5 (none); ``analyses`` counts the analyses related to it.
    """

    arn: str
    impact: int
    resolved_at: datetime
    analyses: int
