"""Facts of CodeConnections, formerly CodeStar connections."""

from __future__ import annotations

from findings.facts.base import Fact


class Connection(Fact, kind="codeconnections.connection", identity=("arn",)):
    """A connection to a source provider; ``status`` is PENDING, AVAILABLE or ERROR."""

    arn: str
    name: str
    provider: str | None
    status: str | None
