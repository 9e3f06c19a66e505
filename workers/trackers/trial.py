"""Trying a connection before it is used: a matrix of steps, and what would be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from findings.ticketing.state import DesiredTicket
from workers.ticket_writes import new_issue
from workers.trackers.base import Capabilities, Json, NewIssue, ProbeStep, Target, Tracker
from workers.trackers.transport import Request

WEBHOOK_ECHO = "webhook echo"


@runtime_checkable
class Rehearsing(Protocol):
    """An adapter that tells what it would send to make an issue; it may read to know."""

    def create_request(self, target: Target, issue: NewIssue) -> Request: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """What is known of deliveries from a connection."""

    has_secret: bool
    last_received_at: datetime | None
    """Of a delivery with a right signature."""
    refused: int
    """Deliveries without one, since the connection was set up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """The call that would make the issue of a ticket, but for the headers with the credential."""

    method: str
    path: str
    body: Json


def trial(tracker: Tracker, target: Target, echo: Echo) -> tuple[ProbeStep, ...]:
    """Every step that a ticket's life needs: passed, failed with what to do, or not known."""
    return (*tracker.probe(target), _webhook(tracker.capabilities(), echo))


def _webhook(capabilities: Capabilities, echo: Echo) -> ProbeStep:
    is_ok: bool | None = None
    if not capabilities.has_webhooks:
        detail = "This tracker sends nothing; changes are polled."
    elif not echo.has_secret:
        detail = "No secret is set, so deliveries are refused; changes are polled all the same."
    elif echo.last_received_at is not None:
        is_ok, detail = True, f"A signed delivery came at {echo.last_received_at:%Y-%m-%d %H:%M}."
    elif echo.refused:
        is_ok = False
        detail = f"{echo.refused} came with a wrong signature: give both sides the same secret."
    else:
        detail = "None came yet: change an issue in the tracker, then test again."
    return ProbeStep(name=WEBHOOK_ECHO, is_ok=is_ok, detail=detail, is_needed=False)


def dry_run(tracker: Tracker, target: Target, desired: DesiredTicket) -> DryRun:
    """What would be sent for a ticket, writing nothing.

    Raises TypeError for an adapter that cannot tell, and what reading the tracker raises.
    """
    if not isinstance(tracker, Rehearsing):
        raise TypeError(f"{type(tracker).__name__} cannot tell what it would send")
    request = tracker.create_request(target, new_issue(desired, tracker.capabilities()))
    return DryRun(method=request.method, path=request.path, body=request.body)
