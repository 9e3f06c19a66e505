"""Messages for webhooks, made from the ordered events in the transaction that moves the cursor.

So an event makes one message for an endpoint, whatever is killed and however often it is read.
Scans have no numbers: those that ended lately and have no message yet get one, which the database
allows once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Organization
from findings.models import (
    ActionItem,
    Finding,
    FindingEvent,
    IncidentEvent,
    Scan,
    Ticket,
    TicketEvent,
    WebhookEndpoint,
    WebhookFeed,
    WebhookMessage,
    WebhookType,
)
from findings.selectors.incident_events import OF_ACTION_ITEMS, TYPES, incident_events_seen
from findings.selectors.ticket_events import TicketEventTold, ticket_events_told
from findings.services.nudges import nudge_on_commit
from findings.ticketing.selector import Candidate, RouteSelector

BATCH = 500
SCANS_LOOKED_BACK = timedelta(days=7)
SEND = "workers.tasks.webhooks.send"
_OF_FINDINGS = {
    FindingEvent.Kind.OPENED: WebhookType.FINDING_OPENED,
    FindingEvent.Kind.RETURNED: WebhookType.FINDING_OPENED,
    FindingEvent.Kind.CLOSED: WebhookType.FINDING_RESOLVED,
}


class CursorMoved(Exception):
    """Another worker has read the same events; what this one made is rolled back."""


def webhooks_follow(*, organization: Organization, now: datetime) -> bool:
    """Make the messages of the next events; whether there may be more. Raises nothing."""
    try:
        with transaction.atomic():
            return _follow(organization, now)
    except CursorMoved:
        return False


def _follow(organization: Organization, now: datetime) -> bool:
    feed = WebhookFeed.objects.filter(organization=organization).first()
    if feed is None:  # nobody ever wanted to be told
        return False
    endpoints = list(WebhookEndpoint.objects.active().filter(organization=organization))
    findings = list(
        FindingEvent.objects.filter(organization=organization, number__gt=feed.finding_event)
        .select_related("finding__account__ou", "finding__account__owner_team")
        .order_by("number")[:BATCH]
    )
    tickets = list(
        TicketEvent.objects.filter(organization=organization, number__gt=feed.ticket_event)
        .select_related("ticket")
        .order_by("number")[:BATCH]
    )
    incidents = list(
        IncidentEvent.objects.filter(organization=organization, number__gt=feed.incident_event)
        .select_related("incident")
        .order_by("number")[:BATCH]
    )
    for endpoint in endpoints:
        _keep(
            [
                *_of_findings(endpoint, findings, now),
                *_of_tickets(endpoint, tickets, now),
                *_of_incidents(endpoint, incidents, now),
                *_of_scans(endpoint, now),
            ]
        )
    read: dict[str, Sequence[Any]] = {
        "finding_event": findings,
        "ticket_event": tickets,
        "incident_event": incidents,
    }
    if any(read.values()):
        _move(feed, read)
    return any(len(events) == BATCH for events in read.values())


def _move(feed: WebhookFeed, read: Mapping[str, Sequence[Any]]) -> None:
    """On to the last events read, by the column that holds the cursor of each noun."""
    before = {name: getattr(feed, name) for name in read}
    after = {name: events[-1].number if events else before[name] for name, events in read.items()}
    if not WebhookFeed.objects.filter(pk=feed.pk, **before).update(**after):
        raise CursorMoved


def _keep(messages: Sequence[WebhookMessage]) -> None:
    if not messages:
        return
    WebhookMessage.objects.bulk_create(messages, ignore_conflicts=True, batch_size=500)
    kept = WebhookMessage.objects.filter(uid__in=[message.uid for message in messages[:BATCH]])
    for pk in kept.values_list("pk", flat=True):
        nudge_on_commit(SEND, pk)


def _of_findings(
    endpoint: WebhookEndpoint, events: Sequence[FindingEvent], now: datetime
) -> Iterable[WebhookMessage]:
    wanted = [
        event
        for event in events
        if _OF_FINDINGS.get(FindingEvent.Kind(event.kind)) in endpoint.event_types
        and event.at >= endpoint.created_at
        and takes(endpoint, event.finding)
    ]
    named = {event.finding_id for event in wanted}
    seen = set(
        Finding.objects.visible_to(endpoint.owner).filter(pk__in=named).values_list("pk", flat=True)
    )
    for event in wanted:
        if event.finding_id in seen:
            yield message_of(
                endpoint,
                event=f"finding:{event.number}",
                kind=_OF_FINDINGS[FindingEvent.Kind(event.kind)],
                at=event.at,
                told=finding_told(event.finding) | {"cause": event.cause},
                now=now,
                finding=event.finding,
            )


def takes(endpoint: WebhookEndpoint, finding: Finding) -> bool:
    account = finding.account
    team = account.owner_team
    return RouteSelector.parse(endpoint.selector).takes(
        Candidate(
            row=finding.row,
            check=finding.check_id,
            severity=finding.severity,
            ou=account.ou_path,
            team=team.name if team else "",
            environment=account.environment,
        )
    )


def _of_tickets(
    endpoint: WebhookEndpoint, events: Sequence[TicketEvent], now: datetime
) -> Iterable[WebhookMessage]:
    if WebhookType.TICKET_CHANGED not in endpoint.event_types:
        return
    named = {event.ticket_id for event in events}
    seen = set(
        Ticket.objects.visible_to(endpoint.owner).filter(pk__in=named).values_list("pk", flat=True)
    )
    wanted = [e for e in events if e.ticket_id in seen and e.at >= endpoint.created_at]
    for told in ticket_events_told(endpoint.owner, wanted):
        event = told.event
        yield message_of(
            endpoint,
            event=f"ticket:{event.number}",
            kind=WebhookType.TICKET_CHANGED,
            at=event.at,
            told=ticket_told(told),
            now=now,
            ticket=event.ticket,
        )


def ticket_told(told: TicketEventTold) -> dict[str, object]:
    ticket = told.event.ticket
    return {
        "ticket": str(ticket.uid),
        "change": told.event.kind,
        "before": told.before,
        "after": told.after,
        "url": f"{settings.PUBLIC_URL}/tickets/{ticket.uid}/" if settings.PUBLIC_URL else "",
    }


def _of_incidents(
    endpoint: WebhookEndpoint, events: Sequence[IncidentEvent], now: datetime
) -> Iterable[WebhookMessage]:
    kinds = {kind for kind, name in TYPES.items() if name in endpoint.event_types}
    wanted = [e for e in events if e.kind in kinds and e.at >= endpoint.created_at]
    if not wanted:
        return
    seen = incident_events_seen(endpoint.owner).filter(pk__in=[event.pk for event in wanted])
    told_of = set(seen.values_list("pk", flat=True))
    subjects = {e.subject for e in wanted if e.subject and e.kind in OF_ACTION_ITEMS}
    items = {item.uid: item for item in ActionItem.objects.filter(uid__in=subjects)}
    for event in wanted:
        if event.pk in told_of:
            kind = IncidentEvent.Kind(event.kind)
            yield message_of(
                endpoint,
                event=f"incident:{event.number}",
                kind=TYPES[kind],
                at=event.at,
                told=incident_told(event),
                now=now,
                incident=event.incident,
                action_item=items.get(event.subject) if event.subject else None,
            )


def incident_told(event: IncidentEvent) -> dict[str, object]:
    incident = event.incident
    return {
        "incident": str(incident.uid),
        "key": incident.key,
        "severity": incident.severity,
        "subject": str(event.subject) if event.subject else None,
        "before": event.before,
        "after": event.after,
        "url": f"{settings.PUBLIC_URL}/incidents/{incident.uid}/" if settings.PUBLIC_URL else "",
    }


def _of_scans(endpoint: WebhookEndpoint, now: datetime) -> Iterable[WebhookMessage]:
    if WebhookType.SCAN_FINISHED not in endpoint.event_types:
        return
    since = max(endpoint.created_at, now - SCANS_LOOKED_BACK)
    told_of = WebhookMessage.objects.filter(endpoint=endpoint).exclude(scan=None).values("scan")
    ended = Scan.objects.visible_to(endpoint.owner).ended().exclude(pk__in=told_of)
    found = ended.filter(organization=endpoint.organization, finished_at__gte=since)
    for scan in found.order_by("finished_at", "pk")[:BATCH]:
        told = {"scan": str(scan.uid), "kind": scan.kind, "state": scan.state}
        yield message_of(
            endpoint,
            event=f"scan:{scan.uid}",
            kind=WebhookType.SCAN_FINISHED,
            at=scan.finished_at or now,
            told=told,
            now=now,
            scan=scan,
        )


def finding_told(finding: Finding) -> dict[str, object]:
    return {
        "finding": str(finding.uid),
        "account_id": finding.account.account_id,
        "region": finding.region,
        "check_id": finding.check_id,
        "row": finding.row,
        "severity": finding.severity,
        "resource": finding.resource,
        "url": f"{settings.PUBLIC_URL}/findings/{finding.uid}/" if settings.PUBLIC_URL else "",
    }


def message_of(
    endpoint: WebhookEndpoint,
    *,
    event: str,
    kind: str,
    at: datetime,
    told: Mapping[str, object],
    now: datetime,
    **about: Any,
) -> WebhookMessage:
    """A message that is not saved yet. ``about`` is what its owner has to see, by its column."""
    body = {
        "type": kind,
        "timestamp": at.isoformat(),
        "data": {"organization": str(endpoint.organization.uid), **told},
    }
    return WebhookMessage(
        endpoint=endpoint,
        event=event,
        type=kind,
        body=json.dumps(body, separators=(",", ":")),
        created_at=now,
        not_before=now,
        **about,
    )
