"""The reconciliation poll: what changed in trackers is found without any delivery.

Changes are listed from a stored cursor. What no listing tells (an issue that was deleted, or moved
to another project) is found by a look at every ticket that is live or was closed of late: once a
day, where there are few sooner.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from findings.models import Connection, ConnectionProject, OutboxMessage, Ticket
from findings.services.breakers import breaker_open, connection_pause, is_broken, project_of
from findings.services.outbox import outbox_ask
from workers.connections import Trackers, tracker_for
from workers.trackers.base import Changes, Target, Tracker
from workers.trackers.errors import Configuration, TrackerError, Transient

LOOKED_AT_EVERY = timedelta(days=1)
LOOKED_AT_MOST_EVERY = timedelta(hours=1)
LOOKED_AT_AFTER_CLOSING = timedelta(days=14)
PAGES, SWEPT, SWEPT_EARLY = 20, 200, 10
"""Pages of changes, and tickets looked at, in one poll at most; the next one goes on."""
Kind = OutboxMessage.Kind


def connection_poll(
    *, connection: Connection, now: datetime, trackers: Trackers = tracker_for
) -> None:
    """Ask for a look at every ticket of a connection whose issue changed, or was long not seen."""
    tickets = Ticket.objects.pushable().filter(connection=connection).exclude(external_id="")
    for project in tickets.order_by("project").values_list("project", flat=True).distinct():
        connection.refresh_from_db(fields=["breaker_until"])
        if not is_broken(connection, project, now):
            _poll(connection, project, now, trackers)
    recent = Q(closed_at=None) | Q(closed_at__gt=now - LOOKED_AT_AFTER_CLOSING)
    quiet = tickets.filter(recent, outbox=None).select_related("connection")
    for ticket in _unseen(quiet, now):
        outbox_ask(ticket=ticket, kind=Kind.LOOK, why="regular look", now=now)


def _unseen(tickets: QuerySet[Ticket], now: datetime) -> list[Ticket]:
    """Those long not looked at, and a few not so long, the longest first."""
    of_today = Q(checked_at__lt=now - LOOKED_AT_MOST_EVERY)
    found = tickets.filter(of_today | Q(checked_at=None)).order_by(
        F("checked_at").asc(nulls_first=True)
    )
    return [
        ticket
        for number, ticket in enumerate(found[:SWEPT])
        if number < SWEPT_EARLY
        or ticket.checked_at is None
        or ticket.checked_at < now - LOOKED_AT_EVERY
    ]


def _poll(connection: Connection, project: str, now: datetime, trackers: Trackers) -> None:
    row = project_of(connection, project)
    try:
        tracker = trackers(connection)
        for _ in range(PAGES):
            if _page(tracker, row, now).is_last:
                break
    except Configuration as error:
        scope = project if error.scope else ""
        breaker_open(connection=connection, project=scope, message=str(error), now=now)
    except TrackerError as error:
        ConnectionProject.objects.filter(pk=row.pk).update(error=str(error))
        if isinstance(error, Transient) and error.retry_after:
            connection_pause(connection=connection, until=now + error.retry_after)


def _page(tracker: Tracker, row: ConnectionProject, now: datetime) -> Changes:
    """One page: its looks are asked for and the cursor is moved together.

    Without a cursor nothing was followed so far, so every ticket is looked at.
    """
    changes = tracker.list_changed(Target(project=row.project), row.cursor)
    tickets = Ticket.objects.pushable().filter(connection=row.connection).exclude(external_id="")
    told = {
        name: issue.version for issue in changes.issues for name in (issue.external_id, issue.key)
    }
    if row.cursor:
        tickets = tickets.filter(Q(external_id__in=told) | Q(key__in=told))
    else:
        tickets = tickets.filter(project=row.project)
    with transaction.atomic():
        for ticket in tickets.select_related("connection"):
            version = told.get(ticket.external_id) or told.get(ticket.key)
            if not version or version != ticket.remote_version:
                outbox_ask(ticket=ticket, kind=Kind.LOOK, why="poll", now=now)
        ConnectionProject.objects.filter(pk=row.pk).update(
            cursor=changes.cursor, polled_at=now, error=""
        )
    row.cursor = changes.cursor
    return changes
