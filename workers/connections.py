"""Opening a connection: the adapter of its kind, with its credentials in clear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta

from findings.models import Connection, Ticket
from findings.services.breakers import breaker_close
from findings.services.credentials import CredentialsError, credentials_of
from workers.outgoing_client import process_client
from workers.trackers.base import Access, ProbeStep, Target, Tracker
from workers.trackers.errors import Configuration, TrackerError
from workers.trackers.registry import tracker_of
from workers.trackers.trial import Echo, trial

Trackers = Callable[[Connection], Tracker]


def tracker_for(connection: Connection) -> Tracker:
    """Raises :class:`Configuration` where it cannot be opened."""
    try:
        access = Access(
            base_url=connection.base_url,
            credentials=credentials_of(connection),
            bot_account=connection.bot_account,
            allows_private=connection.allows_private,
            client=process_client(),
        )
        return tracker_of(connection.kind, access)
    except (CredentialsError, LookupError) as error:
        raise Configuration(str(error)) from None


def target_of(ticket: Ticket) -> Target:
    """Where its issue lives, or is to live."""
    route = ticket.route
    return Target(
        project=ticket.project,
        issue_type=route.issue_type if route else "",
        fields=route.field_map if route else {},
    )


def connection_test(
    *, connection: Connection, target: Target, now: datetime, trackers: Trackers = tracker_for
) -> tuple[ProbeStep, ...]:
    """Try each step that a ticket's life needs, and keep whether all of them work.

    Where that could not be seen, health and breakers stay as they are.
    Webhooks are told of, but no ticket waits for them: the poll alone is enough. Who may ask is the
    caller's to say. Raises nothing that a tracker can cause.
    """
    try:
        tracker = trackers(connection)
        steps = trial(tracker, target, _echo_of(connection))
        told = asdict(tracker.capabilities())
    except (CredentialsError, TrackerError) as error:
        steps, told = (ProbeStep(name="open", is_ok=False, detail=str(error)),), {}
    needed = [step for step in steps if step.is_needed]
    wrong = [f"{step.name}: {step.detail}" for step in needed if step.is_ok is False]
    is_healthy = all(step.is_ok for step in needed)
    learnt: dict[str, object] = {"capabilities": _plain(told), "checked_at": now}
    if wrong or is_healthy:
        health = Connection.Health.FAILING if wrong else Connection.Health.HEALTHY
        learnt |= {"health": health, "health_message": "; ".join(wrong)}
    Connection.objects.filter(pk=connection.pk).update(**learnt)
    if is_healthy:
        breaker_close(connection=connection, project=target.project, now=now)
    return steps


def _echo_of(connection: Connection) -> Echo:
    """Raises :class:`CredentialsError`."""
    last = connection.deliveries.order_by("-received_at").first()
    return Echo(
        has_secret=bool(credentials_of(connection).get("webhook_secret")),
        last_received_at=last.received_at if last else None,
        refused=connection.refused_deliveries,
    )


def _plain(told: dict[str, object]) -> dict[str, object]:
    """Capabilities as JSON: sets in order, spans in seconds."""
    plain: dict[str, object] = {}
    for name, value in told.items():
        if isinstance(value, timedelta):
            plain[name] = value.total_seconds()
        else:
            plain[name] = sorted(value) if isinstance(value, frozenset) else value
    return plain
