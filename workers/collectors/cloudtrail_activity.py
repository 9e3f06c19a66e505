"""Collector of CloudTrail's event history: it counts changes, and keeps no event."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from findings.facts.cloudtrail_activity import HOURS, ChangesByHand, WriteActivity
from workers.collectors.base import Collector, Response, Session, pick

MOST_PAGES = 40
"""Of 50 events, at one page a second: the API allows two a second, and half is left to others."""

HOUR = timedelta(hours=1)
WRITES = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
OF_PEOPLE = "AWSReservedSSO_"
"""Roles of IAM Identity Center begin with it."""

CONSOLE = re.compile(r"\b(console|signin)\.(\w+\.)*amazonaws\.com|S3Console|CloudShell", re.I)
NO_CHANGES = {"AwsServiceEvent", "AwsConsoleSignIn", "AwsCloudTrailInsight"}
"""Types of events that are no calls; who signs in has changed nothing yet."""

Told = Mapping[str, Any]
"""The record of an event: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/
cloudtrail-event-reference-record-contents.html"""


@Collector(fact=WriteActivity, operations=("cloudtrail:LookupEvents",))
def write_activity(session: Session) -> Iterator[WriteActivity]:
    """AWS tells the newest events first."""
    start = session.now - HOURS * HOUR
    pages = (
        session.client("cloudtrail")
        .get_paginator("lookup_events")
        .paginate(
            LookupAttributes=WRITES,
            StartTime=start,
            EndTime=session.now,
            PaginationConfig={"PageSize": 50},
        )
    )
    events: list[Response] = []
    known_from = start
    for number, page in enumerate(pages, start=1):
        events.extend(page.get("Events") or ())
        if number == MOST_PAGES and page.get("NextToken"):
            known_from = min((e["EventTime"] for e in events if "EventTime" in e), default=start)
            break
    yield parse_write_activity(session.region, events, session.now, known_from)


def parse_write_activity(
    region: str, events: Iterable[Response], now: datetime, known_from: datetime
) -> WriteActivity:
    """Events of which AWS does not tell the time, or tells another one than asked, do not count."""
    writes = [0] * HOURS
    by_hand: Counter[tuple[int, str, str]] = Counter()
    for raw in events:
        hour = (now - raw["EventTime"]) // HOUR if raw.get("EventTime") else -1
        told = _record(raw)
        if 0 <= hour < HOURS and not _is_of_aws(told):
            writes[hour] += 1
            actor = _person(told)
            if actor is not None:
                by_hand[hour, actor, raw.get("EventName", "")] += 1
    return WriteActivity(
        region=region,
        covered_hours=(now - known_from) // HOUR,
        writes=tuple(writes),
        by_hand=tuple(
            ChangesByHand(hour=hour, actor=actor, event=event, count=count)
            for (hour, actor, event), count in sorted(by_hand.items())
        ),
    )


def _record(raw: Response) -> Told:
    try:
        found = json.loads(raw.get("CloudTrailEvent") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _is_of_aws(told: Told) -> bool:
    """Whether an AWS service did it, for itself or on behalf of somebody."""
    identity = told.get("userIdentity") or {}
    return (
        told.get("eventType") in NO_CHANGES
        or identity.get("type") == "AWSService"
        or bool(identity.get("invokedBy"))
    )


def _person(told: Told) -> str | None:
    """By which role, or as which kind of user, a person did it; None for automation."""
    identity = told.get("userIdentity") or {}
    kind = identity.get("type", "")
    role = pick(identity, "sessionContext", "sessionIssuer", "userName", default="")
    is_person = (
        kind in ("Root", "IdentityCenterUser")
        or role.startswith(OF_PEOPLE)
        or told.get("eventType") == "AwsConsoleAction"
        or told.get("sessionCredentialFromConsole") in ("true", True)
        or CONSOLE.search(told.get("userAgent") or "") is not None
    )
    return (role or kind) if is_person else None
