"""Notices of what happened: from the ordered events, and from what stands now.

Events are read past a cursor. Ended scans and alerts have no numbers, and being overdue is no event
at all: those are looked at, and their keys keep them from being noticed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import AccountEvent
from accounts.states import RoleHealth
from findings.models import (
    ActionItem,
    Alert,
    Attestation,
    CloseCause,
    FindingEvent,
    IncidentEvent,
    Notice,
    Notification,
    NotificationFeed,
    OpenCause,
    OutboxMessage,
    Scan,
    SuppressionEvent,
    Ticket,
    TicketEvent,
)
from findings.notifying.events import NotificationEvent
from findings.services.action_item_changes import OWNERS

BATCH = 500
LOOKED_BACK = timedelta(days=7)
"""Scans and alerts that ended or began before are not noticed any more."""
FLAPPING = timedelta(days=1)
"""For so long, an alert that comes again is the same news."""
ENDING = timedelta(days=14)
SEVERE = 1
"""The rank of high: less severe findings are told of by pages and digests of others, not here."""
About, Event = Notice.About, NotificationEvent
OURS = (
    OpenCause.FIRST_COLLECTED,
    OpenCause.CHECK_CHANGED,
    OpenCause.PARAMETER_CHANGED,
    OpenCause.SCOPE_CHANGED,
)
_STANDING = (Event.TICKET_STUCK, Event.ATTESTATION_ENDING, Event.ACTION_OVERDUE)


@dataclass(frozen=True, slots=True)
class Source:
    """One stream of events: the field of the cursor that holds how far it was read."""

    cursor: str
    rows: Callable[[NotificationFeed], QuerySet[Any]]
    number: Callable[[Any], int]
    notice: Callable[[Any], Notice | None]

    def read(self, feed: NotificationFeed) -> Sequence[Any]:
        return list(self.rows(feed)[:BATCH])


def _notice(stream: str, number: int, event: NotificationEvent, **fields: Any) -> Notice:
    return Notice(key=f"{stream}:{number}", event=event, **fields)


# --- Findings ---


def _of_finding(event: FindingEvent) -> Notice | None:
    told = _finding_told(event)
    if told is None:
        return None
    return _notice(
        "finding",
        event.number,
        told,
        about=About.FINDING,
        about_id=event.finding_id,
        at=event.at,
        note=event.cause,
        actor_id=event.actor_id,
        scan_id=event.scan_id,
        is_calm=event.kind == FindingEvent.Kind.OPENED and event.cause in OURS,
    )


def _finding_told(event: FindingEvent) -> NotificationEvent | None:
    kind, episode = event.kind, event.episode
    if kind == FindingEvent.Kind.CLAIM_REJECTED:
        return Event.CLAIM_REJECTED
    if event.finding.severity_rank > SEVERE or (episode and episode.is_baseline):
        return None
    if kind == FindingEvent.Kind.CLOSED:
        return Event.FINDING_RESOLVED if event.cause == CloseCause.VERIFIED else None
    if kind == FindingEvent.Kind.RETURNED or event.cause == OpenCause.REGRESSED:
        return Event.FINDING_REOPENED
    return Event.FINDING_OPENED if kind == FindingEvent.Kind.OPENED else None


# --- Accounts, tickets, suppressions, incidents ---


def _of_account(event: AccountEvent) -> Notice | None:
    works = (RoleHealth.HEALTHY, RoleHealth.UNTESTED)
    if event.before != RoleHealth.HEALTHY or event.after in works:
        return None
    return _notice(
        "account",
        event.pk,
        Event.ROLE_LOST,
        about=About.ACCOUNT,
        about_id=event.account_id,
        at=event.at,
        note=str(event.after)[:64],
    )


def _of_ticket(event: TicketEvent) -> Notice | None:
    if event.kind != TicketEvent.Kind.DETACHED:
        return None
    return _notice(
        "ticket",
        event.number,
        Event.TICKET_STUCK,
        about=About.TICKET,
        about_id=event.ticket_id,
        at=event.at,
        note="detached",
        actor_id=event.actor_id,
    )


_SUPPRESSIONS = {
    SuppressionEvent.Kind.ASKED: Event.SUPPRESSION_ASKED,
    SuppressionEvent.Kind.APPROVED: Event.SUPPRESSION_DECIDED,
    SuppressionEvent.Kind.REFUSED: Event.SUPPRESSION_DECIDED,
    SuppressionEvent.Kind.ENDING: Event.SUPPRESSION_ENDING,
    SuppressionEvent.Kind.EXPIRED: Event.SUPPRESSION_ENDED,
    SuppressionEvent.Kind.REVOKED: Event.SUPPRESSION_ENDED,
    SuppressionEvent.Kind.TOO_MANY: Event.SUPPRESSION_ENDED,
    SuppressionEvent.Kind.CHECK_FAILS: Event.SUPPRESSION_ENDED,
    SuppressionEvent.Kind.EVIDENCE_CHANGED: Event.SUPPRESSION_ENDED,
}
_TRIPS = (
    SuppressionEvent.Kind.TOO_MANY,
    SuppressionEvent.Kind.CHECK_FAILS,
    SuppressionEvent.Kind.EVIDENCE_CHANGED,
)
"""What may also end the cover of one finding of many, where the suppression goes on."""


def _of_suppression(event: SuppressionEvent) -> Notice | None:
    told = _SUPPRESSIONS.get(SuppressionEvent.Kind(event.kind))
    if told is None or (event.kind in _TRIPS and event.suppression.tripped_at is None):
        return None
    return _notice(
        "suppression",
        event.number,
        told,
        about=About.SUPPRESSION,
        about_id=event.suppression_id,
        at=event.at,
        note=event.kind,
        actor_id=event.actor_id,
    )


_INCIDENTS = {
    IncidentEvent.Kind.RECORDED: Event.INCIDENT_RECORDED,
    IncidentEvent.Kind.PUBLISHED: Event.INCIDENT_PUBLISHED,
}
_ACTIONS = {
    IncidentEvent.Kind.ACTION_ADDED: Event.ACTION_ASSIGNED,
    IncidentEvent.Kind.ACTION_REJECTED: Event.ACTION_REJECTED,
    IncidentEvent.Kind.ACTION_REGRESSED: Event.ACTION_REJECTED,
}


def _of_incident(event: IncidentEvent) -> Notice | None:
    kind = IncidentEvent.Kind(event.kind)
    told, about, about_id = _INCIDENTS.get(kind), About.INCIDENT, event.incident_id
    is_given = kind == IncidentEvent.Kind.ACTION_CHANGED and OWNERS & {*event.after["fields"]}
    if (kind in _ACTIONS or is_given) and event.subject:
        found = ActionItem.objects.filter(uid=event.subject).values_list("pk", flat=True).first()
        told = _ACTIONS.get(kind, Event.ACTION_ASSIGNED)
        about, about_id = About.ACTION_ITEM, found or 0
    if told is None or not about_id:
        return None
    return _notice(
        "incident",
        event.number,
        told,
        about=about,
        about_id=about_id,
        at=event.at,
        note=event.kind,
        actor_id=event.actor_id,
    )


def _numbered(model: type[Any], cursor: str, *related: str) -> Callable[[Any], QuerySet[Any]]:
    def rows(feed: NotificationFeed) -> QuerySet[Any]:
        after = {"organization": feed.organization_id, "number__gt": getattr(feed, cursor)}
        found: QuerySet[Any] = model._default_manager.filter(**after)
        return found.select_related(*related).order_by("number")

    return rows


def _account_rows(feed: NotificationFeed) -> QuerySet[AccountEvent]:
    """The ids of an organization's account events grow in the order of the commits too."""
    return AccountEvent.objects.filter(
        account__organization=feed.organization_id, pk__gt=feed.account_event
    ).order_by("pk")


def _number(event: Any) -> int:
    return int(event.number)


SOURCES = (
    Source(
        "finding_event",
        _numbered(FindingEvent, "finding_event", "finding", "episode"),
        _number,
        _of_finding,
    ),
    Source("account_event", _account_rows, lambda event: int(event.pk), _of_account),
    Source("ticket_event", _numbered(TicketEvent, "ticket_event"), _number, _of_ticket),
    Source(
        "suppression_event",
        _numbered(SuppressionEvent, "suppression_event", "suppression"),
        _number,
        _of_suppression,
    ),
    Source("incident_event", _numbered(IncidentEvent, "incident_event"), _number, _of_incident),
)


# --- What has no numbered event ---

_ALERTS = {
    Alert.Kind.SCHEDULE_MISSED: Event.SCAN_MISSED,
    Alert.Kind.ROUTE_HELD: Event.ROUTE_HELD,
    Alert.Kind.TRACKER_FAILING: Event.DELIVERY_FAILING,
    Alert.Kind.WEBHOOK_DISABLED: Event.DELIVERY_FAILING,
}


def looked_at(feed: NotificationFeed, now: datetime) -> Iterable[Notice]:
    """Notices of scans that ended incomplete and of alerts, most of which are known already."""
    since = max(feed.began_at, now - LOOKED_BACK)
    states = (Scan.State.PARTIAL, Scan.State.FAILED)
    scans = Scan.objects.filter(organization=feed.organization_id, state__in=states)
    for scan in scans.filter(finished_at__gte=since):
        yield Notice(
            key=f"scan:{scan.pk}",
            event=Event.SCAN_INCOMPLETE,
            about=About.SCAN,
            about_id=scan.pk,
            at=scan.finished_at or now,
            note=scan.state,
        )
    alerts = Alert.objects.active().filter(organization=feed.organization_id, raised_at__gte=since)
    for alert in alerts:
        if not _flaps(feed, alert, now):
            yield Notice(
                key=f"{_prefix(alert)}{alert.pk}",
                event=_ALERTS[Alert.Kind(alert.kind)],
                about=About.ALERT,
                about_id=alert.pk,
                at=alert.raised_at,
                note=alert.kind,
            )


def _prefix(alert: Alert) -> str:
    return f"alert:{alert.kind}:{alert.subject}:"


def _flaps(feed: NotificationFeed, alert: Alert, now: datetime) -> bool:
    """Whether people hear of an earlier one about the same, which was over for a while, today.

    One of which nobody was told in the end does not count.
    """
    heard = Notification.objects.exclude(status=Notification.Status.WITHHELD)
    earlier = Notice.objects.filter(
        organization=feed.organization_id,
        key__startswith=_prefix(alert),
        made_at__gt=now - FLAPPING,
        about_id__lt=alert.pk,
    )
    return earlier.filter(Exists(heard.filter(notice=OuterRef("pk")))).exists()


def standing(feed: NotificationFeed, now: datetime) -> Iterable[Notice]:
    """Notices of everything that is blocked, overdue or about to end now, known or not."""
    ours = {"organization": feed.organization_id}
    blocked = Ticket.objects.live().filter(**ours).exclude(blocked_reason="")
    dead = Ticket.objects.filter(**ours, outbox__status=OutboxMessage.Status.DEAD)
    for note, tickets in (("blocked", blocked), ("dead", dead)):
        for pk in tickets.values_list("pk", flat=True):
            yield _stands(note, Event.TICKET_STUCK, About.TICKET, pk, now)
    attested = Attestation.objects.not_over(now).filter(
        **ours, ends_at__lte=now + ENDING, starts_at__lt=F("ends_at") - ENDING
    )
    for pk in attested.values_list("pk", flat=True):
        yield _stands("ending", Event.ATTESTATION_ENDING, About.ATTESTATION, pk, now)
    overdue = ActionItem.objects.unfinished().filter(**ours, due_at__lte=now)
    for pk in overdue.values_list("pk", flat=True):
        yield _stands("overdue", Event.ACTION_OVERDUE, About.ACTION_ITEM, pk, now)


def _stands(
    note: str, event: NotificationEvent, about: Notice.About, pk: int, now: datetime
) -> Notice:
    key = f"standing:{about}:{note}:{pk}"
    return Notice(key=key, event=event, about=about, about_id=pk, at=now, note=note)


def over(feed: NotificationFeed, stand: Iterable[Notice]) -> list[int]:
    """Ids of notices of what stood before and stands no more."""
    keys = {notice.key for notice in stand}
    known = Notice.objects.standing().filter(
        organization=feed.organization_id, event__in=_STANDING, key__startswith="standing:"
    )
    return [pk for pk, key in known.values_list("pk", "key") if key not in keys]
