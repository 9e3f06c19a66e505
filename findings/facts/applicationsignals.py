"""Facts of CloudWatch Application Signals."""

from __future__ import annotations

from findings.facts.base import Fact


class Objective(
    Fact, kind="applicationsignals.objective", identity=("name",), volatile=("budget_status",)
):
    """A service level objective.

    ``budget_status`` is OK, WARNING, BREACHED or INSUFFICIENT_DATA.
    """

    name: str
    arn: str
    budget_status: str | None
