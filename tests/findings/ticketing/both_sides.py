"""A ticket of ours and its issue at a tracker, compared and written as the engine does."""

import datetime as dt
from dataclasses import replace

from findings.ticketing.codec import base_of_json, base_to_json
from findings.ticketing.merge import (
    Authority,
    three_way,
)
from findings.ticketing.state import (
    DesiredTicket,
    StatusCategory,
    StatusDemand,
)
from tests.workers.fake_tracker import FakeTracker
from workers.ticket_writes import carry_out, new_issue
from workers.trackers.base import Target

MARKER = "cairn-" + "7" * 32
DONE, OPEN = StatusCategory.DONE, StatusCategory.TODO


class Ticket:
    """One ticket of ours and its issue; what a portal does about news is played by the test."""

    def __init__(self):
        self.tracker = FakeTracker()
        self.desired = DesiredTicket(
            marker=MARKER,
            title="Encrypt it",
            severity="high",
            priority="2",
            due_date=dt.date(2026, 4, 1),
            block="- one\n- two",
            labels=frozenset({"cairn"}),
        )
        made = self.tracker.create(
            Target(project="OPS"), new_issue(self.desired, self.tracker.capable)
        )
        self.id, self.base, self.news = made.external_id, None, []
        self.reads = []

    @property
    def issue(self):
        return self.tracker.issues[self.id]

    def want(self, **changes):
        self.desired = replace(self.desired, **changes)

    def demand(self, category):
        number = int(self.desired.status.id) + 1 if self.desired.status else 1
        basis = self.base.status_at if self.base else None
        self.want(status=StatusDemand(id=str(number), category=category, basis=basis))

    def look(self, remote=None):
        plan = three_way(self.base, self.desired, remote or self.tracker.get(self.id), Authority())
        self.keep(plan.base)
        self.news += plan.news
        return plan

    def keep(self, base, *_):
        """As a row keeps it."""
        self.base = base_of_json(base_to_json(base))

    def sync(self, remote=None):
        remote = remote or self.tracker.get(self.id)
        plan = self.look(remote)
        if not plan.is_stale:
            self.keep(
                carry_out(
                    tracker=self.tracker,
                    desired=self.desired,
                    remote=remote,
                    plan=plan,
                    preferred={},
                    fields={},
                    keep=self.keep,
                )
            )
        return plan

    def settle(self):
        for _ in range(6):
            if self.sync().is_empty:
                return
        raise AssertionError("they write for ever")
