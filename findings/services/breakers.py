"""Breakers: nothing is sent to a tracker, or to one project of it, until it may work again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.db.models import F

from findings.models import Alert, Connection, ConnectionProject
from findings.services.alerts import alert_raise, alert_resolve

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=1)


def project_of(connection: Connection, project: str) -> ConnectionProject:
    rows = ConnectionProject.objects.filter(connection=connection, project=project)
    found = rows.order_by().first()
    if found is None:
        fresh = ConnectionProject(connection=connection, project=project)
        ConnectionProject.objects.bulk_create([fresh], ignore_conflicts=True)
        found = rows.get()
    found.connection = connection
    return found


def is_broken(connection: Connection, project: str, now: datetime) -> bool:
    """Whether the breaker of the connection or of the project is open."""
    if connection.breaker_until and connection.breaker_until > now:
        return True
    return ConnectionProject.objects.filter(
        connection=connection, project=project, breaker_until__gt=now
    ).exists()


@transaction.atomic
def breaker_open(*, connection: Connection, project: str, message: str, now: datetime) -> datetime:
    """Stop sending, twice as long each time, and tell people once; until when.

    An empty project stands for the whole connection.
    """
    if project:
        rows = ConnectionProject.objects.filter(pk=project_of(connection, project).pk)
    else:
        rows = Connection.objects.filter(pk=connection.pk)  # type: ignore[assignment]
    is_first = rows.exclude(breaker_until__gt=now).update(failures=F("failures") + 1)
    failures, until = rows.values_list("failures", "breaker_until")[0]
    if is_first or until is None:  # others that were under way fail for the same cause
        until = now + min(SHORTEST * 2 ** min(failures - 1, 10), LONGEST)
    rows.update(breaker_until=until, **({"error": message} if project else {}))
    Connection.objects.filter(pk=connection.pk).update(
        health=Connection.Health.FAILING, health_message=message, checked_at=now
    )
    where = f"{connection}, {project}" if project else str(connection)
    alert_raise(
        organization=connection.organization,
        kind=Alert.Kind.TRACKER_FAILING,
        subject=_subject(connection, project),
        message=f"Tickets do not reach {where}: {message}",
        now=now,
    )
    return cast(datetime, until)


def connection_pause(*, connection: Connection, until: datetime) -> None:
    """Send nothing before, because the tracker asked for it; that is no failure."""
    later = Connection.objects.filter(pk=connection.pk).exclude(breaker_until__gt=until)
    later.update(breaker_until=until)


@transaction.atomic
def breaker_close(*, connection: Connection, project: str, now: datetime) -> None:
    """It works: forget the failures and the alert. A pause that was asked for stays."""
    known = Connection.objects.get(pk=connection.pk)
    if known.failures or known.health != Connection.Health.HEALTHY:
        Connection.objects.filter(pk=known.pk).update(
            failures=0,
            breaker_until=None if known.failures else known.breaker_until,
            health=Connection.Health.HEALTHY,
            health_message="",
            checked_at=now,
        )
        _resolve(known, "", now)
    failing = ConnectionProject.objects.filter(connection=known, project=project, failures__gt=0)
    if failing.update(failures=0, breaker_until=None, error=""):
        _resolve(known, project, now)


def _resolve(connection: Connection, project: str, now: datetime) -> None:
    alert_resolve(
        organization=connection.organization,
        kind=Alert.Kind.TRACKER_FAILING,
        subject=_subject(connection, project),
        now=now,
    )


def _subject(connection: Connection, project: str) -> str:
    """Fits the alert's subject, whatever the name of the project."""
    row = project_of(connection, project).pk if project else 0
    return f"{connection.uid}:{row}"
