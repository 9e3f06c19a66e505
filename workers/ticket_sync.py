"""Bring a ticket and its issue to agree, whatever may have happened before.

One worker at a time has the lease of a ticket. It reads the issue, compares, takes over what they
did, writes what is wanted, and keeps each step before the next. Killed between any two steps, the
next one finds what was done: an issue by its marker, a field by its value, a comment by its id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from findings.models import OutboxMessage, Ticket
from findings.services.breakers import breaker_close, is_broken
from findings.services.nudges import nudge
from findings.services.outbox import (
    PUSH,
    LeaseLost,
    lease_end,
    lease_keep,
    outbox_done,
    outbox_wait,
    ticket_lease,
)
from findings.services.ticket_exchange import (
    desired_of,
    exchange_adopt,
    exchange_end,
    exchange_keep,
    exchange_take,
)
from findings.ticketing.base import Base
from findings.ticketing.codec import base_of_json
from findings.ticketing.merge import Authority, Change, three_way
from findings.ticketing.state import DesiredTicket, StatusCategory
from workers.connections import Trackers, target_of, tracker_for
from workers.ticket_failures import Later, confirmed, failed
from workers.ticket_writes import carry_out, new_issue
from workers.trackers.base import Capabilities, IssueRef, Tracker
from workers.trackers.errors import (
    Ambiguous,
    Blocked,
    Configuration,
    Gone,
    Transient,
    VersionChanged,
)

logger = logging.getLogger(__name__)

LOOKS = (1, 3, 10)
"""An issue of which no answer came is looked for so many lags after it was asked for, each time in
vain before it is made again: an index may be later than it should be.
"""
SHORTEST_LAG = timedelta(seconds=5)
ROUNDS = 5
"""Comparisons in a row, where what is there or wanted changes meanwhile."""
Clock = Callable[[], datetime]


@dataclass(kw_only=True)
class Exchange:
    """One worker's turn with one ticket."""

    ticket: Ticket
    message: OutboxMessage
    tracker: Tracker
    capabilities: Capabilities
    clock: Clock


def ticket_sync(
    *, ticket_id: int, clock: Clock, chance: float, trackers: Trackers = tracker_for
) -> None:
    """Do what the outbox asks for a ticket, if it is time and nobody else does it."""
    ticket = ticket_lease(ticket_id=ticket_id, now=clock())
    if ticket is None:
        return
    is_asked_again = False
    try:
        message = _message(ticket, clock())
        if message is not None:
            is_asked_again = _turn(ticket, message, clock, chance, trackers)
    except LeaseLost as lost:
        logger.warning("%s; this one stops", lost)
    finally:
        lease_end(ticket=ticket)
    if is_asked_again:
        nudge(PUSH, ticket_id)


def _message(ticket: Ticket, now: datetime) -> OutboxMessage | None:
    """What there is to do now, read under the lease."""
    if ticket.detached_at or not ticket.connection.is_active or not ticket.connection.has_adapter:
        return None
    if is_broken(ticket.connection, ticket.project, now):
        return None
    return OutboxMessage.objects.waiting().filter(ticket=ticket, not_before__lte=now).first()


def _turn(
    ticket: Ticket, message: OutboxMessage, clock: Clock, chance: float, trackers: Trackers
) -> bool:
    """Whether it was asked again meanwhile, and is due at once."""
    lag = SHORTEST_LAG
    try:
        tracker = trackers(ticket.connection)
        capabilities = tracker.capabilities()
        lag = max(capabilities.index_lag, SHORTEST_LAG)
        turn = Exchange(
            ticket=ticket,
            message=message,
            tracker=tracker,
            capabilities=capabilities,
            clock=clock,
        )
        if not ticket.external_id:
            _find_or_create(turn, lag)
        version = _seen(turn)
    except LeaseLost:
        raise
    except Later as later:
        outbox_wait(message=message, error=str(later), until=later.until)
    except Exception as error:
        failed(ticket=ticket, message=message, error=error, lag=lag, chance=chance, now=clock())
    else:
        exchange_end(ticket=ticket, version=version, now=clock())
        breaker_close(connection=ticket.connection, project=ticket.project, now=clock())
        return not outbox_done(message=message, now=clock())
    return False


def _find_or_create(turn: Exchange, lag: timedelta) -> None:
    """The issue of a ticket that has none yet: found by its marker, or else made.

    That one is asked for is kept before it is asked for. Where no answer came, it is looked for
    as :data:`LOOKS` says before another one is asked for.
    """
    ticket, now = turn.ticket, turn.clock()
    asked_at = ticket.create_sent_at
    if asked_at is not None and now < (until := asked_at + lag * LOOKS[ticket.lookups]):
        raise Later("it is not known whether the issue was made", until)
    desired, target = _desired(turn), target_of(ticket)
    found = turn.tracker.find_by_marker(target, desired.marker, since=ticket.opened_at)
    if found:
        others = ", ".join(issue.key for issue in found[1:])
        how = f"found by its marker; so are {others}" if others else "found by its marker"
        _adopt(turn, found[0], how)
        return
    if asked_at is not None and ticket.lookups + 1 < len(LOOKS):
        lease_keep(ticket=ticket, now=now, lookups=ticket.lookups + 1)
        until = max(asked_at + lag * LOOKS[ticket.lookups], now + lag)
        raise Later("the issue was not found; it is looked for again", until)
    lease_keep(ticket=ticket, now=now, create_sent_at=now, lookups=0)
    try:
        made = turn.tracker.create(target, new_issue(desired, turn.capabilities))
    except (Transient, Configuration, Blocked):
        lease_keep(ticket=ticket, now=turn.clock(), create_sent_at=None)
        raise
    except Ambiguous:
        lease_keep(ticket=ticket, now=turn.clock(), create_sent_at=turn.clock())
        raise
    _adopt(turn, made, "made")


def _adopt(turn: Exchange, issue: IssueRef, how: str) -> None:
    exchange_adopt(
        ticket=turn.ticket,
        external_id=issue.external_id,
        key=issue.key,
        url=issue.url,
        how=how,
        now=turn.clock(),
    )


def _seen(turn: Exchange) -> int:
    try:
        return _agree(turn)
    except Gone as error:
        raise confirmed(error, ticket=turn.ticket, tracker=turn.tracker) from None


def _agree(turn: Exchange) -> int:
    """Compare and settle until nothing differs; the version of what was wanted then."""
    for _ in range(ROUNDS):
        version = _round(turn)
        if version is not None:
            return version
        turn.ticket.refresh_from_db(fields=["desired", "desired_version", "base"])
    raise Transient("it changed all the while that it was compared")


def _round(turn: Exchange) -> int | None:
    """One comparison; None where it has to be made again."""
    ticket = turn.ticket
    version = ticket.desired_version
    desired = _desired(turn)
    remote = turn.tracker.get(ticket.external_id)
    base = base_of_json(ticket.base) if ticket.base else None
    plan = three_way(base, desired, remote, Authority(fields=turn.capabilities.fields))
    if plan.is_stale:
        raise Transient("the tracker told an older state than it did before")
    if exchange_take(ticket=ticket, remote=remote, plan=plan, now=turn.clock()) != version:
        return None
    try:
        carry_out(
            tracker=turn.tracker,
            desired=desired,
            remote=remote,
            plan=plan,
            preferred=_preferred(ticket),
            fields=ticket.route.field_map if ticket.route else {},
            keep=lambda base, operation, changes: _keep(turn, base, operation, changes),
        )
    except VersionChanged:
        return None
    return version


def _desired(turn: Exchange) -> DesiredTicket:
    able = turn.capabilities
    return desired_of(
        turn.ticket, title_limit=able.title_limit, description_limit=able.description_limit
    )


def _keep(turn: Exchange, base: Base, operation: str, changes: Sequence[Change]) -> None:
    exchange_keep(
        ticket=turn.ticket,
        base=base,
        operation=operation,
        changes=changes,
        why=turn.message.why,
        now=turn.clock(),
    )


def _preferred(ticket: Ticket) -> dict[StatusCategory, str]:
    chosen = ticket.route.status_map if ticket.route else {}
    return {StatusCategory(name): status for name, status in chosen.items()}
