"""Tickets with much to show: words of strangers, a board and a tracker that disagrees."""

import datetime as dt

from django.urls import reverse

from findings.models import InboundDelivery, OutboxMessage, Route, Ticket, TicketComment
from findings.services.ticket_events import sync_event
from findings.services.ticket_moves import SaidMove, ticket_move
from findings.services.tickets import ticket_comment, ticket_open
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import ConnectionFactory, RouteFactory, open_finding

LONG = "a-name-that-somebody-thought-would-never-have-to-fit-anywhere" * 2
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:alert(3))"


def pages_of_tickets(world):
    """Name of the page, perhaps with more words -> its address."""
    now = world.lab.now
    tracker = ConnectionFactory(organization=world.ours, name="Jira of the platform team")
    team = TeamFactory(organization=world.ours, name=f"{LONG[:100]}-of-tickets")
    route = RouteFactory(
        organization=world.ours, connection=tracker, name="Platform", mode=Route.Mode.SUGGEST
    )
    told = _of_tracker(world, tracker, team, now)
    board = ticket_open(
        actor=world.person("administrator"),
        findings=[_finding(world, f"trail-{n}") for n in range(3)],
        title=LONG,
        note=f"# {LONG}\n\n{HOSTILE}",
        team=team,
        now=now,
    )
    for status in ("in_progress", "done"):
        moved = ticket_open(actor=None, findings=[_finding(world, f"of {status}")], now=now)
        ticket_move(actor=None, ticket=moved, move=SaidMove(status=status), now=now)
    delivery = InboundDelivery.objects.create(
        connection=tracker,
        delivery_id=LONG,
        body_sha256="0" * 64,
        body=f'{{"issue": "{HOSTILE}"}}'.encode(),
        external_ids=[told.external_id],
        received_at=now,
        status="processed",
    )
    free = _finding(world, LONG)
    return {
        "ticket-board": reverse("ticket-board"),
        "ticket-list": reverse("ticket-list"),
        "ticket-list that is empty": reverse("ticket-list") + "?search=nothing",
        "ticket-open": f"{reverse('ticket-open')}?finding={free.uid}&finding={told_finding(told)}",
        "suggestion-list": f"{reverse('suggestion-list')}?route={route.uid}",
        "ticket-outbox": reverse("ticket-outbox"),
        "ticket-drift": reverse("ticket-drift"),
        "delivery-list": reverse("delivery-list"),
        "delivery-detail": reverse("delivery-detail", args=[delivery.uid]),
        "ticket-detail": reverse("ticket-detail", args=[board.uid]),
        "ticket-detail of a tracker": reverse("ticket-detail", args=[told.uid]),
        "comment-detail": reverse("comment-detail", args=[told.uid, told.comments.first().uid]),
        "ticket-sync": reverse("ticket-sync", args=[told.uid]),
        "ticket-sync of the board": reverse("ticket-sync", args=[board.uid]),
        "ticket-edit": reverse("ticket-edit", args=[board.uid]),
        "ticket-add": reverse("ticket-add", args=[board.uid]),
    }


def told_finding(ticket):
    return ticket.ticket_findings.first().finding.uid


def _finding(world, resource):
    return open_finding(account=world.shop, resource=resource, message=HOSTILE)


def _of_tracker(world, tracker, team, now):
    """Its issue says other things, a message was given up, and people wrote what they like."""
    ticket = ticket_open(
        actor=None,
        findings=[world.finding(), _finding(world, "encrypted")],
        connection=tracker,
        project="OPS",
        team=team,
        now=now,
    )
    Ticket.objects.filter(pk=ticket.pk).update(
        key="OPS-12",
        external_id="10012",
        url="https://tracker.example.com/browse/OPS-12",
        assignee=HOSTILE,
        status="in_progress",
        status_name=HOSTILE,
        drift={"title": HOSTILE, "due_date": "2026-12-24"},
        blocked_reason=f"The field {LONG} is required.",
        due_on=now.date() - dt.timedelta(days=3),
    )
    ticket.refresh_from_db()
    OutboxMessage.objects.filter(ticket=ticket).update(
        status="dead", attempts=11, last_error=f"503 from the tracker: {HOSTILE} {LONG}"
    )
    TicketComment.objects.create(
        ticket=ticket,
        origin="tracker",
        author_name=HOSTILE,
        external_id="1",
        body=f"{HOSTILE}\n\n{LONG}",
        at=now,
    )
    ticket_comment(
        actor=world.person("administrator"), ticket=ticket, body="Who looks at it?", now=now
    )
    OutboxMessage.objects.filter(ticket=ticket).update(status="dead", attempts=11)
    for field, old, new in (
        ("title", "Trail", HOSTILE),
        ("block", LONG * 4, HOSTILE * 9),
        ("status", "To do", "Done"),
    ):
        sync_event(
            ticket, "out", "update", now, who="Cairn", field=field, old=old, new=new, why="ours"
        ).save()
    sync_event(ticket, "in", "moved", now, who=HOSTILE, error=f"409 {LONG}").save()
    return ticket
