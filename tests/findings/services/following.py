"""What the tests of tickets over days of scans do."""

from contextlib import contextmanager

from findings.models import (
    Route,
    Ticket,
    TicketStatus,
)
from findings.services.ticket_feed import findings_follow
from findings.services.ticket_moves import SaidMove, ticket_move
from findings.services.tickets import ticket_open
from tests.factories.tickets import RouteFactory
from tests.findings.services.lab import Lab, box, finding, only
from tests.modules import rows_for_a_module

DONE = SaidMove(status=TicketStatus.DONE)


@contextmanager
def sealed_boxes(django_db_blocker):
    """A lab whose boxes *a* and *b* were found sealed a day ago, for the tests of a module."""
    with rows_for_a_module(django_db_blocker):
        lab = Lab(registry=only("box_is_sealed"))
        lab.scan(box(), box("b"))
        yield lab.wait(days=1)


def follow(lab):
    while findings_follow(organization=lab.organization, now=lab.now):
        pass


def scan(lab, *boxes, **more):
    lab.wait(days=1).scan(*boxes, **more)
    follow(lab)


def by_hand(lab, *names):
    found = [finding(resource=name) for name in names or ("a",)]
    return ticket_open(actor=None, findings=found, now=lab.now)


def move(lab, ticket, said=DONE, actor=None):
    lab.wait(hours=1)
    return ticket_move(actor=actor, ticket=ticket, move=said, now=lab.now)


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def kinds(ticket):
    return [event.kind for event in ticket.events.order_by("number")]


def open_box(name="a"):
    return box(name, is_sealed=False)


def auto(lab, **fields):
    return RouteFactory(
        organization=lab.organization,
        **{"auto_since": lab.now, "grouping": Route.Grouping.CHECK_TEAM, **fields},
    )
