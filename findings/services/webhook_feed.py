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
    Finding,
    FindingEvent,
    Scan,
    Ticket,
    TicketEvent,
    WebhookEndpoint,
    WebhookFeed,
    WebhookMessage,
    WebhookType,
)
from findings.services.nudges import nudge_on_commit
from findings.ticketing.selector import Candidate, RouteSelector

BATCH = 500
SCANS_LOOKED_BACK = timedelta(days=7)
SEND = "workers.tasks.webhooks.send"
_TYPES = {
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
    for endpoint in endpoints:
        made = [*_of_findings(endpoint, findings, now), *_of_tickets(endpoint, tickets, now)]
        _keep([*made, *_of_scans(endpoint, now)])
    if findings or tickets:
        _move(feed, findings, tickets)
    return len(findings) == BATCH or len(tickets) == BATCH


def _move(
    feed: WebhookFeed, findings: Sequence[FindingEvent], tickets: Sequence[TicketEvent]
) -> None:
    held = WebhookFeed.objects.filter(
        pk=feed.pk, finding_event=feed.finding_event, ticket_event=feed.ticket_event
    )
    moved = held.update(
        finding_event=findings[-1].number if findings else feed.finding_event,
        ticket_event=tickets[-1].number if tickets else feed.ticket_event,
    )
    if not moved:
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
        if _TYPES.get(FindingEvent.Kind(event.kind)) in endpoint.event_types
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
                kind=_TYPES[FindingEvent.Kind(event.kind)],
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
    for event in events:
        if event.ticket_id in seen and event.at >= endpoint.created_at:
            told = {
                "ticket": str(event.ticket.uid),
                "change": event.kind,
                "before": event.before,
                "after": event.after,
            }
            yield message_of(
                endpoint,
                event=f"ticket:{event.number}",
                kind=WebhookType.TICKET_CHANGED,
                at=event.at,
                told=told,
                now=now,
                ticket=event.ticket,
            )


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
    """A message that is not saved yet. ``about`` is the finding, ticket or scan of it."""
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
