"""Suppressions follow what happens to findings, accounts, compensating checks, and time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import AccountEvent, Organization
from findings.checks.base import Registry
from findings.models import (
    FindingEvent,
    Suppression,
    SuppressionCursor,
    SuppressionEvent,
)
from findings.selectors.suppressions import SOON
from findings.services.suppression_coverage import CoverageWriter, compensation_of
from findings.services.suppression_events import cursor_lock, suppression_events_append

BATCH = 500
Kind = SuppressionEvent.Kind
TELLING = (
    FindingEvent.Kind.OPENED,
    FindingEvent.Kind.RETURNED,
    FindingEvent.Kind.CHANGED,
    FindingEvent.Kind.CLOSED,
    FindingEvent.Kind.CARRIED_OVER,
)


def suppressions_follow(*, organization: Organization, registry: Registry, now: datetime) -> int:
    """Take up all that happened since the last time; how many events of findings it read.

    Each batch is a transaction with its cursor, so a killed worker repeats or loses nothing.
    """
    read = 0
    while True:
        number = _follow_findings(organization, registry, now)
        read += number
        if number < BATCH:
            break
    _follow_conditions(organization, registry, now)
    return read


@transaction.atomic
def _follow_findings(organization: Organization, registry: Registry, now: datetime) -> int:
    cursor = cursor_lock(organization.pk)
    events = FindingEvent.objects.filter(
        organization=organization, number__gt=cursor.finding_event
    ).order_by("number")
    rows = list(events.values_list("number", "finding_id", "kind", "at")[:BATCH])
    if not rows:
        return 0
    since = {finding: at for _, finding, kind, at in rows if kind in TELLING}
    if since:
        for writer in _writers(cursor, registry, now, since):
            writer.renew()
    cursor.finding_event = rows[-1][0]
    cursor.save(update_fields=["finding_event"])
    return len(rows)


@transaction.atomic
def _follow_conditions(organization: Organization, registry: Registry, now: datetime) -> None:
    """Accounts that moved, compensating checks, and ends."""
    cursor = cursor_lock(organization.pk)
    moved = AccountEvent.objects.filter(
        account__organization=organization, pk__gt=cursor.account_event
    )
    last = moved.order_by("-pk").values_list("pk", flat=True).first()
    if last is not None:
        for writer in _writers(cursor, registry, now):
            writer.renew()
        cursor.account_event = last
        cursor.save(update_fields=["account_event"])
    for writer in _writers(cursor, registry, now):
        if writer.suppression.compensating_check:
            _follow_compensation(writer)
    _tell_ends(cursor, now)


@transaction.atomic
def suppressions_renew(*, organization: Organization, registry: Registry, now: datetime) -> None:
    """Look at everything again, whatever the events said; writes nothing where nothing changed."""
    for writer in _writers(cursor_lock(organization.pk), registry, now):
        writer.renew()


def _writers(
    cursor: SuppressionCursor,
    registry: Registry,
    now: datetime,
    since: dict[int, datetime] | None = None,
) -> Iterable[CoverageWriter]:
    standing = Suppression.objects.filter(organization=cursor.organization_id).standing(now)
    for suppression in standing.select_related("ou", "account", "organization").order_by("pk"):
        yield CoverageWriter(
            suppression=suppression, cursor=cursor, registry=registry, now=now, since=since
        )


def _follow_compensation(writer: CoverageWriter) -> None:
    """A failure trips; what is not known warns, once until it is known again."""
    suppression, now = writer.suppression, writer.now
    found = compensation_of(suppression, now)
    if found.fails:
        writer.trip(Kind.CHECK_FAILS, account=found.fails[0])
        return
    if bool(found.unknown) == (suppression.warned_at is not None):
        return
    suppression.warned_at = now if found.unknown else None
    suppression.save(update_fields=["warned_at"])
    if found.unknown:
        event = SuppressionEvent(
            suppression=suppression, kind=Kind.CHECK_UNKNOWN, at=now, account_id=found.unknown[0]
        )
        suppression_events_append(writer.cursor, [event])


def _tell_ends(cursor: SuppressionCursor, now: datetime) -> None:
    """Once each: that one ends soon, and that one is over."""
    ours = Suppression.objects.filter(organization=cursor.organization_id)
    ending = _not_told(ours.active(now).filter(ends_at__lte=now + SOON), Kind.ENDING)
    undecided_or_covering = Q(is_approved=None) | Q(is_approved=True)
    over = ours.filter(undecided_or_covering, revoked_at=None, tripped_at=None, ends_at__lte=now)
    events = [
        SuppressionEvent(suppression=row, kind=Kind.ENDING, at=now)
        for row in ending
        if row.ends_at - row.starts_at > SOON
    ]
    events += [
        SuppressionEvent(suppression=row, kind=Kind.EXPIRED, at=row.ends_at)
        for row in _not_told(over, Kind.EXPIRED)
    ]
    suppression_events_append(cursor, events)


def _not_told(
    suppressions: QuerySet[Suppression], kind: SuppressionEvent.Kind
) -> QuerySet[Suppression]:
    told = SuppressionEvent.objects.filter(suppression=OuterRef("pk"), kind=kind)
    return suppressions.filter(~Exists(told)).order_by("pk")
