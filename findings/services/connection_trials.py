"""Trials of connections from being asked for to their answer. A worker does them: see workers.

Trying twice is harmless, for nothing is written in the tracker; only the last claim is answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from accounts.access import require
from accounts.roles import Permission
from accounts.services.audit import audit_record
from findings.models import Connection, ConnectionTrial, Finding, Route, Ticket
from findings.services.nudges import nudge_on_commit
from findings.services.tickets import TicketRefused, ticket_drafted
from findings.ticketing.codec import desired_of_json, desired_to_json
from findings.ticketing.state import DesiredTicket

TRY = "workers.tasks.connections.try_out"
LEASE = timedelta(minutes=5)
"""Longer than the few calls of a trial may take together."""
PATIENCE = timedelta(minutes=15)
KEPT = 20
"""Trials of a connection that are kept."""


class TrialRefused(ValueError):
    """A connection cannot be tried so; the message says why."""


@transaction.atomic
def trial_ask(
    *,
    actor: User | None,
    connection: Connection,
    now: datetime,
    route: Route | None = None,
    project: str = "",
    issue_type: str = "",
    finding: Finding | None = None,
    ticket: Ticket | None = None,
) -> ConnectionTrial:
    """Have each step tried that a ticket's life needs; the answer comes into the row.

    With a finding or a ticket it also tells what would be sent to make its issue. A route says
    where; what is given besides goes before it. Raises :class:`TrialRefused` and Denied.
    """
    require(actor, Permission.ADMINISTER, on=connection.organization)
    _refuse(connection, route, finding, ticket)
    route = route or (ticket.route if ticket else None)
    trial = ConnectionTrial(
        connection=connection,
        asked_by=actor,
        asked_at=now,
        project=project or (ticket.project if ticket else route.project if route else ""),
        issue_type=issue_type or (route.issue_type if route else ""),
        fields=route.field_map if route else {},
        finding=finding,
        ticket=ticket,
    )
    trial.desired = _desired(trial, route)
    trial.full_clean(exclude=["asked_by"], validate_constraints=False)
    _end_abandoned(now)
    _insert(trial)
    _forget_old(connection)
    told = {"project": trial.project, "issue_type": trial.issue_type}
    audit_record(
        actor=actor, action="connection.test", target=connection, before=None, after=told, now=now
    )
    nudge_on_commit(TRY, trial.pk)
    return trial


def _refuse(
    connection: Connection, route: Route | None, finding: Finding | None, ticket: Ticket | None
) -> None:
    if not connection.has_adapter:
        raise TrialRefused(f"Nothing is sent to {connection}: there is nothing to test.")
    if finding and ticket:
        raise TrialRefused("Name a finding or a ticket, not both.")
    named = [part for part in (route, finding, ticket) if part]
    if any(part.organization_id != connection.organization_id for part in named):
        raise TrialRefused("Name what is of the connection's organization.")


def _desired(trial: ConnectionTrial, route: Route | None) -> Mapping[str, object]:
    if trial.ticket:
        stored: Mapping[str, object] = trial.ticket.desired
        return stored
    if not trial.finding:
        return {}
    try:
        drafted = ticket_drafted(
            findings=[trial.finding],
            connection=trial.connection,
            route=route,
            project=trial.project,
        )
    except TicketRefused as error:
        raise TrialRefused(str(error)) from None
    return desired_to_json(drafted)


def _insert(trial: ConnectionTrial) -> None:
    """The database has the last word on two that ask at the same moment."""
    try:
        with transaction.atomic():
            trial.save(force_insert=True)
    except IntegrityError:
        raise TrialRefused(
            f"A test of {trial.connection} is under way already. Wait for its end."
        ) from None


def _end_abandoned(now: datetime) -> None:
    """Those that no worker ended for so long are no obstacle to the next."""
    ConnectionTrial.objects.claimable(now).filter(asked_at__lte=now - PATIENCE).update(
        finished_at=now, error="No worker ended it. See that workers run, then test again."
    )


def _forget_old(connection: Connection) -> None:
    kept = connection.trials.order_by("-id").values_list("pk", flat=True)[:KEPT]
    connection.trials.exclude(pk__in=list(kept)).delete()


def trials_waiting(*, now: datetime) -> list[int]:
    """Trials whose message was lost, or whose worker died."""
    _end_abandoned(now)
    waiting = ConnectionTrial.objects.claimable(now)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def trial_claim(*, trial_id: int, now: datetime) -> ConnectionTrial | None:
    """Take a trial to do; None where it is done, or another worker has it."""
    free = ConnectionTrial.objects.claimable(now).filter(pk=trial_id)
    if not free.update(started_at=now, lease_until=now + LEASE):
        return None
    found = ConnectionTrial.objects.select_related("connection__organization")
    return found.get(pk=trial_id)


def trial_desired(trial: ConnectionTrial) -> DesiredTicket | None:
    """The ticket whose call is to be shown, if any."""
    return desired_of_json(trial.desired) if trial.desired else None


def trial_finish(
    *,
    trial: ConnectionTrial,
    steps: Sequence[Mapping[str, object]],
    request: Mapping[str, object] | None,
    error: str,
    now: datetime,
) -> bool:
    """Keep the answer; False where a later claim has taken the trial over."""
    mine = ConnectionTrial.objects.under_way().filter(pk=trial.pk, started_at=trial.started_at)
    return bool(
        mine.update(
            steps=list(steps), request=request, error=error, finished_at=now, lease_until=None
        )
    )
