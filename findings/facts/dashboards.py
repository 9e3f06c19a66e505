"""Facts of CloudWatch dashboards, which belong to an account and not to a region."""

from __future__ import annotations

from findings.facts.base import Fact, Scope


class Dashboard(Fact, kind="cloudwatch.dashboard", scope=Scope.ACCOUNT, identity=("name",)):
    """A dashboard; of what it shows only the ARNs of alarms are kept."""

    name: str
    alarms: tuple[str, ...]
