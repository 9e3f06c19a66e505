import random

from celery import shared_task
from django.utils import timezone

from accounts.models import Organization
from findings.models import Connection, Ticket
from findings.services.connection_trials import trials_waiting
from findings.services.deliveries import deliveries_process
from findings.services.outbox import outbox_due
from findings.services.ticket_feed import findings_follow, ticket_refresh
from findings.services.ticket_refusals import refusals_follow
from workers.tasks.connections import try_out
from workers.tasks.organizations import each
from workers.ticket_poll import connection_poll
from workers.ticket_sync import ticket_sync

UNTIL_NEXT_TICK = 60
UNTIL_NEXT_POLL = 300
"""Seconds after which a message is worth nothing: by then it is sent again."""


@shared_task
def follow() -> None:
    """Let tickets follow what happened to findings, and what was decided about them."""
    each(Organization.objects.all(), "tickets", _follow)


def _follow(organization: Organization) -> None:
    while findings_follow(organization=organization, now=timezone.now()):
        pass
    refusals_follow(organization=organization, now=timezone.now())


@shared_task
def refresh(organization_id: int | None = None) -> None:
    """Bring live tickets to what rules and accounts say today, of one organization or of all."""
    live = Ticket.objects.live()
    if organization_id is not None:
        live = live.filter(organization=organization_id)
    for ticket in live.order_by("id").iterator(chunk_size=200):
        ticket_refresh(ticket=ticket, now=timezone.now())


@shared_task
def tick() -> None:
    """Have those tickets synchronized whose time has come, and what waits besides done."""
    receive()
    for trial_id in trials_waiting(now=timezone.now()):
        try_out.apply_async((trial_id,), expires=UNTIL_NEXT_TICK)
    for ticket_id in outbox_due(now=timezone.now()):
        push.apply_async((ticket_id,), expires=UNTIL_NEXT_TICK)


@shared_task
def push(ticket_id: int) -> None:
    """Bring one ticket and its issue to agree; what another task has is left alone."""
    ticket_sync(ticket_id=ticket_id, clock=timezone.now, chance=random.random())  # noqa: S311


@shared_task
def receive() -> None:
    """Look into the deliveries that trackers sent."""
    while deliveries_process(now=timezone.now()):
        pass


@shared_task
def poll() -> None:
    """Have every connection asked for what changed there."""
    for connection_id in Connection.objects.active().with_adapter().values_list("pk", flat=True):
        poll_connection.apply_async((connection_id,), expires=UNTIL_NEXT_POLL)


@shared_task
def poll_connection(connection_id: int) -> None:
    found = Connection.objects.active().with_adapter().filter(pk=connection_id)
    connection = found.select_related("organization").first()
    if connection is not None:
        connection_poll(connection=connection, now=timezone.now())
