"""What is done about a turn with a tracker that failed, by the class of its error."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from findings.models import OutboxMessage, Ticket
from findings.services.breakers import breaker_open, connection_pause
from findings.services.outbox import outbox_bury, outbox_retry, outbox_wait
from findings.services.ticket_exchange import exchange_detach, exchange_failed
from findings.ticketing.retry_plan import wait_before
from workers.trackers.base import Target, Tracker
from workers.trackers.errors import (
    Ambiguous,
    Blocked,
    Configuration,
    Gone,
    TrackerError,
    Transient,
)

logger = logging.getLogger(__name__)

GONE_TWICE = 2
UNTIL_GONE_AGAIN = timedelta(minutes=5)
BLOCKED_AGAIN = timedelta(hours=1)
"""Those who may change what blocks a ticket tell nobody: their screens and workflows."""


class Later(Exception):
    """Nothing failed; it only is not yet time."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


def failed(
    *,
    ticket: Ticket,
    message: OutboxMessage,
    error: Exception,
    lag: timedelta,
    chance: float,
    now: datetime,
) -> None:
    """Keep the error, and decide when it is tried again, if it is."""
    match error:
        case Configuration():
            scope = ticket.project if error.scope else ""
            until = breaker_open(
                connection=ticket.connection, project=scope, message=str(error), now=now
            )
            outbox_wait(message=message, error=str(error), until=until)
        case Blocked():
            if ticket.blocked_reason != str(error):
                _log(ticket, error, now, stuck="blocked", blocked_reason=str(error))
            outbox_wait(message=message, error=str(error), until=now + BLOCKED_AGAIN)
        case Gone():
            _gone(ticket, message, error, now)
        case _:
            _again(ticket, message, error, lag, chance, now)


def confirmed(error: Gone, *, ticket: Ticket, tracker: Tracker) -> Exception:
    """The error, unless all of its project is out of our sight: then nothing of it is gone."""
    if ticket.times_gone + 1 < GONE_TWICE:
        return error
    try:
        tracker.list_changed(Target(project=ticket.project), "")
    except TrackerError as wider:
        return wider
    return error


def _again(
    ticket: Ticket,
    message: OutboxMessage,
    error: Exception,
    lag: timedelta,
    chance: float,
    now: datetime,
) -> None:
    if not isinstance(error, TrackerError):
        logger.error("ticket %s failed", ticket.pk, exc_info=error)
    words = str(error) if isinstance(error, TrackerError) else f"{type(error).__name__} in Cairn"
    retry_after = error.retry_after if isinstance(error, (Transient, Ambiguous)) else None
    if retry_after:
        connection_pause(connection=ticket.connection, until=now + retry_after)
    wait = wait_before(message.attempts + 1, chance=chance, retry_after=retry_after)
    _log(ticket, error, now, words=words, stuck="given_up" if wait is None else "")
    if wait is None:
        outbox_bury(message=message, error=words)
        return
    wait = max(wait, lag) if isinstance(error, Ambiguous) else wait
    outbox_retry(message=message, error=words, wait=wait, now=now)


def _gone(ticket: Ticket, message: OutboxMessage, error: Gone, now: datetime) -> None:
    """Once may be a mistake of theirs; twice it is gone."""
    if ticket.times_gone + 1 < GONE_TWICE:
        _log(ticket, error, now, times_gone=ticket.times_gone + 1)
        outbox_wait(message=message, error=str(error), until=now + UNTIL_GONE_AGAIN)
        return
    exchange_detach(ticket=ticket, error=str(error), now=now)
    OutboxMessage.objects.filter(pk=message.pk).delete()


def _log(
    ticket: Ticket,
    error: Exception,
    now: datetime,
    *,
    words: str = "",
    stuck: str = "",
    **columns: object,
) -> None:
    exchange_failed(
        ticket=ticket,
        operation=type(error).__name__.lower(),
        error=words or str(error),
        now=now,
        stuck=stuck,
        **columns,
    )
