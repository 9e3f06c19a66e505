"""One ticket and its issue in a tracker with a clock of its own, people and faults."""

import datetime as dt

from findings.models import (
    Episode,
    OutboxMessage,
    Ticket,
    TicketComment,
)
from findings.services.outbox import (
    outbox_due,
)
from findings.services.ticket_feed import ticket_refresh
from findings.services.tickets import ticket_open
from findings.ticketing import block
from tests.factories.accounts import AccountFactory
from tests.factories.tickets import NOW, ConnectionFactory, RouteFactory, open_finding
from tests.workers.fake_tracker import FakeTracker
from workers.ticket_poll import connection_poll
from workers.ticket_sync import ticket_sync

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def told_of(desk, kind):
    """What the events of a kind say of the ticket of a desk."""
    events = desk.ticket.events.filter(kind=kind).order_by("number")
    return [event.after or event.before for event in events]


class Desk:
    """A portal with one connection; time passes when the test says so."""

    def __init__(self):
        self.now, self.tracker = NOW, FakeTracker()
        self.account = AccountFactory()
        self.connection = ConnectionFactory(organization=self.account.organization)
        self.route = RouteFactory(
            organization=self.account.organization,
            connection=self.connection,
            severity_map={"high": "2"},
            labels=["ops"],
        )

    def open(self):
        self.finding = open_finding(account=self.account)
        self.ticket = ticket_open(
            actor=None,
            findings=[self.finding],
            route=self.route,
            group_key="it",
            now=self.now,
        )
        return self

    def wait(self, time):
        self.now += time
        self.tracker.now += time
        return self

    def run(self):
        """What a minute's tick does."""
        for ticket_id in outbox_due(now=self.now):
            ticket_sync(
                ticket_id=ticket_id, clock=lambda: self.now, chance=0.0, trackers=self.trackers
            )
        self.ticket.refresh_from_db()
        return self

    def trackers(self, connection):
        assert connection.pk == self.connection.pk
        return self.tracker

    def settle(self, times=40):
        for _ in range(times):
            self.run()
            message = OutboxMessage.objects.filter(ticket=self.ticket, status="waiting").first()
            if message is None or self.ticket.blocked_reason:
                return self
            free = self.ticket.lease_until or self.now
            self.wait(max(message.not_before, free, self.now) - self.now + dt.timedelta(seconds=1))
        raise AssertionError("it never ends")

    def poll(self):
        connection_poll(connection=self.connection, now=self.now, trackers=self.trackers)
        return self.settle()

    @property
    def issue(self):
        (issue,) = self.tracker.issues.values()
        return issue

    def fault(self, moment, operation, *errors):
        self.tracker.faults[(moment, operation)] = list(errors)
        return self

    def refresh(self):
        ticket_refresh(ticket=self.ticket, now=self.now)
        return self.settle()

    def fixed(self):
        """A scan passes."""
        Episode.objects.update(
            closed_at=self.now, close_cause="verified", workflow="resolved", claimed_at=None
        )
        return self.refresh()

    def rejected(self):
        """A scan fails."""
        Episode.objects.update(workflow="in_progress", claimed_at=None)
        return self.refresh()

    def assert_level(self):
        ticket = Ticket.objects.get(pk=self.ticket.pk)
        assert (ticket.external_id, ticket.key) == (self.issue.external_id, self.issue.key)
        assert self.issue.title == ticket.title
        assert (
            block.take(self.issue.description, f"cairn-{ticket.uid.hex}")
            == (ticket.desired["block"])
        )
        assert self.issue.priority == "2"
        assert self.issue.labels >= {"cairn", "ops"}
        assert ticket.pushed_version == ticket.desired_version
        said = {c.our_id for c in self.issue.comments if c.our_id}
        assert said == {c.uid.hex for c in TicketComment.objects.exclude(origin="tracker")}
        writes = len(self.tracker.writes)
        self.poll()
        assert len(self.tracker.writes) == writes


def kinds(ticket):
    return [event.kind for event in ticket.events.order_by("number")]
