"""Collector of pages: operational items and incidents that began in the last 30 days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from findings.facts.base import Gap
from findings.facts.pages import Page
from workers.collectors.base import Collector, Response, Session, pick, told
from workers.collectors.incidents import replication_sets
from workers.collectors.ssm_ops_items import listed_ops_items

HISTORY = timedelta(days=30)
ITEMS, RECORDS = "ssm:DescribeOpsItems", "ssm-incidents:ListIncidentRecords"
ISSUE = "/aws/issue"
INCIDENT_MANAGER = "Incident Manager"
OF_PEOPLE = ("SSM Contacts Page Acknowledgement for Incident", "Custom Event")
"""Events of a timeline that nobody but people, or tools that they set up for it, make."""


@Collector(
    fact=Page,
    operations=(
        ITEMS,
        "ssm-incidents:ListReplicationSets",
        RECORDS,
        "ssm-incidents:ListTimelineEvents",
    ),
)
def pages(session: Session) -> Iterator[Page]:
    yield from _ops_items(session)
    if any(replication_sets(session)):
        yield from _incidents(session)


def _ops_items(session: Session) -> Iterator[Page]:
    since = session.now - HISTORY
    lately = {"Key": "CreatedTime", "Values": [since.isoformat()], "Operator": "GreaterThan"}
    for raw in listed_ops_items(session, lately):
        created = raw.get("CreatedTime")
        is_issue = raw.get("OpsItemType", ISSUE) == ISSUE
        if is_issue and (created is None or created >= since):
            yield parse_ops_item(raw)


def parse_ops_item(raw: Response) -> Page:
    """The last change is no earlier than the first one out of Open."""
    reacted: Any = told(raw, "Status", Page, ITEMS)
    if not isinstance(reacted, Gap):
        reacted = None if reacted == "Open" else told(raw, "LastModifiedTime", Page, ITEMS)
    return Page(
        id=raw["OpsItemId"],
        source=raw.get("Source"),
        began_at=told(raw, "CreatedTime", Page, ITEMS),
        reacted_at=reacted,
        is_exact=False,
    )


def _incidents(session: Session) -> Iterator[Page]:
    since = session.now - HISTORY
    lately = [{"key": "creationTime", "condition": {"after": since}}]
    events = session.client("ssm-incidents").get_paginator("list_timeline_events")
    for raw in session.items(
        "ssm-incidents", "list_incident_records", "incidentRecordSummaries", filters=lately
    ):
        created = raw.get("creationTime")
        if created is None or created >= since:
            timeline = events.paginate(incidentRecordArn=raw["arn"])
            yield parse_incident(raw, session.detail(timeline.build_full_result))


def parse_incident(raw: Response, timeline: Response | Gap) -> Page:
    """Without an event that people make, it was dealt with when it was resolved at the latest."""
    events: Any = pick(timeline, "eventSummaries", default=())
    first = is_exact = events
    if not isinstance(events, Gap):
        own = (event for event in events if event.get("eventType") in OF_PEOPLE)
        times = [event["eventTime"] for event in own if event.get("eventTime")]
        first, is_exact = min(times, default=raw.get("resolvedTime")), bool(times)
    return Page(
        id=raw["arn"],
        source=INCIDENT_MANAGER,
        began_at=told(raw, "creationTime", Page, RECORDS),
        reacted_at=first,
        is_exact=is_exact,
    )
