"""Collector of the changes that AWS Health announces."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.health import ScheduledChange
from workers.collectors.base import Collector, Response, Session, told

OF_ORGANIZATION = "health:DescribeEventsForOrganization"
WANTED = {
    "filter": {
        "eventTypeCategories": ["scheduledChange"],
        "eventStatusCodes": ["open", "upcoming"],
    }
}


@Collector(
    fact=ScheduledChange,
    operations=(
        "organizations:DescribeOrganization",
        OF_ORGANIZATION,
        "health:DescribeEvents",
    ),
)
def scheduled_changes(session: Session) -> Iterator[ScheduledChange]:
    """Of the whole organization, or of the account where it belongs to none."""
    client = session.client("organizations")
    method = "describe_events_for_organization"
    try:
        session.once("organizations", "describe_organization")
    except client.exceptions.AWSOrganizationsNotInUseException:
        method = "describe_events"
    for raw in session.items("health", method, "events", **WANTED):
        yield parse_scheduled_change(raw)


def parse_scheduled_change(raw: Response) -> ScheduledChange:
    return ScheduledChange(
        arn=raw["arn"],
        service=raw.get("service"),
        type=raw.get("eventTypeCode"),
        region=raw.get("region"),
        status=raw.get("statusCode"),
        starts_at=told(raw, "startTime", ScheduledChange, OF_ORGANIZATION),
    )
