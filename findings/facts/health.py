"""Facts of AWS Health."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Scope


class ScheduledChange(
    Fact, kind="health.scheduled_change", scope=Scope.ORGANIZATION, identity=("arn",)
):
    """A change that AWS has scheduled and that is upcoming or open, like the end of a version.

    It concerns some accounts of the organization, or the account itself where it is in none.
    https://docs.aws.amazon.com/health/latest/APIReference/API_OrganizationEvent.html
    """

    arn: str
    service: str | None
    type: str | None
    region: str | None
    status: str | None
    starts_at: datetime
