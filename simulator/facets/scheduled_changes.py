"""What AWS Health announces to the organization."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import ORGANIZATION, Facet
from simulator.operations.health import EVENTS
from simulator.places import OrganizationPlace

changes = Facet("health.scheduled_changes", level=ORGANIZATION)

PLANNED = "health_lifecycle_events_planned"
WARNING = timedelta(days=90)


def _announce(
    organization: OrganizationPlace,
    service: str,
    starts: datetime | None,
    status: str = "upcoming",
    **changed: Any,
) -> str:
    """An event; its ARN."""
    region = organization.world.regions[0]
    type_ = f"AWS_{service}_PLANNED_LIFECYCLE_EVENT"
    mark = organization.hexadecimal(f"{service} {status}")
    arn = f"arn:aws:health:{region}::event/{service}/{type_}/{type_}_{mark}"
    organization.put(
        EVENTS,
        {
            "arn": arn,
            "service": service,
            "eventTypeCode": type_,
            "eventTypeCategory": "scheduledChange",
            "eventScopeCode": "ACCOUNT_SPECIFIC",
            "region": region,
            "startTime": starts,
            "lastUpdatedTime": organization.ago(days=30),
            "statusCode": status,
            **changed,
        },
    )
    return arn


@changes.variant("far")
def far(organization: OrganizationPlace) -> None:
    _announce_always(organization)
    starts = organization.ago(days=-100)
    arn = _announce(organization, "RDS", starts)
    until = starts - WARNING
    organization.expect(PLANNED, "pass", resource=arn, until=until, then="fail")


@changes.variant("near")
def near(organization: OrganizationPlace) -> None:
    """At the limit on the day of the epoch."""
    _announce_always(organization)
    arn = _announce(organization, "RDS", organization.ago(days=-90))
    organization.expect(PLANNED, "fail", resource=arn)


def _announce_always(organization: OrganizationPlace) -> None:
    """One that is under way, one next year, one without a time, and what is no such change."""
    under_way = _announce(organization, "LAMBDA", organization.ago(days=3), "open")
    organization.expect(PLANNED, "fail", resource=under_way)
    next_year = _announce(organization, "EKS", organization.ago(days=-300))
    organization.expect(PLANNED, "pass", resource=next_year)
    some_time = _announce(organization, "MSK", None)
    organization.expect(PLANNED, "unknown", resource=some_time)
    _announce(organization, "EC2", organization.ago(days=20), "closed")
    _announce(organization, "S3", organization.ago(), "open", eventTypeCategory="issue")
