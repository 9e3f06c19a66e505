"""The reconciliation poll: what changed in trackers is found without any delivery.

Changes are listed from a stored cursor. What no listing tells (an issue that was deleted) is found
by a look at every live ticket once a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from findings.models import Connection, ConnectionProject, OutboxMessage, Ticket
from findings.services.breakers import breaker_open, connection_pause, is_broken, project_of
from findings.services.outbox import outbox_ask
from workers.connections import Trackers, tracker_for
from workers.trackers.base import Changes, Target, Tracker
from workers.trackers.errors import Configuration, TrackerError, Transient

LOOKED_AT_EVERY = timedelta(days=1)
PAGES, SWEPT = 20, 200
"""Pages of changes, and tickets looked at, in one poll at most; the next one goes on."""
Kind, Status = OutboxMessage.Kind, OutboxMessage.Status


def connection_poll(
    *, connection: Connection, now: datetime, trackers: Trackers = tracker_for
) -> None:
    """Ask for a look at every ticket of a connection whose issue changed, or was long not seen."""
    tickets = Ticket.objects.pushable().filter(connection=connection).exclude(external_id="")
    for project in tickets.order_by("project").values_list("project", flat=True).distinct():
        if not is_broken(connection, project, now):
            _poll(connection, project, now, trackers)
    unseen = tickets.filter(Q(checked_at=None) | Q(checked_at__lt=now - LOOKED_AT_EVERY))
    unseen = unseen.filter(closed_at=None).exclude(outbox__status=Status.DEAD)
    for ticket in unseen.select_related("connection").order_by("checked_at")[:SWEPT]:
        outbox_ask(ticket=ticket, kind=Kind.LOOK, why="daily look", now=now)


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
    told = {issue.external_id: issue.version for issue in changes.issues}
    if row.cursor:
        tickets = tickets.filter(external_id__in=told)
    else:
        tickets = tickets.filter(project=row.project)
    with transaction.atomic():
        for ticket in tickets.select_related("connection"):
            if (
                not told.get(ticket.external_id)
                or told[ticket.external_id] != ticket.remote_version
            ):
                outbox_ask(ticket=ticket, kind=Kind.LOOK, why="poll", now=now)
        ConnectionProject.objects.filter(pk=row.pk).update(
            cursor=changes.cursor, polled_at=now, error=""
        )
    row.cursor = changes.cursor
    return changes
