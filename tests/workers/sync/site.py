"""A portal and a tracker's server over HTTP, each with its clock; time passes when told.

Everything between is the real thing: routes, outbox, engine, adapters, deliveries, polls.
"""

import contextlib
import datetime as dt
import hashlib
import hmac
import json

from findings.models import Episode, InboundDelivery, OutboxMessage, Ticket, TicketComment
from findings.services.deliveries import deliveries_process
from findings.services.outbox import LEASE, outbox_due
from findings.services.ticket_feed import findings_follow, ticket_refresh
from findings.services.tickets import ticket_open
from findings.ticketing import block
from findings.ticketing.base import desired_values, remote_values
from findings.ticketing.codec import desired_of_json
from findings.ticketing.state import Field, StatusCategory
from tests.factories.accounts import AccountFactory
from tests.factories.tickets import NOW, ConnectionFactory, RouteFactory, open_finding
from tests.findings.services.lab import Lab as Scanned
from tests.findings.services.lab import box, only
from tests.trackers.conftest import Lab as Wired
from tests.workers.fake_tracker import Killed
from workers.ticket_inbound import delivery_receive
from workers.ticket_poll import connection_poll
from workers.ticket_sync import ticket_sync
from workers.trackers.transport import Transport

SECRET = "new-hook-secret"
KIND = {"github_token": "github", "github_app": "github"}


class Site:
    """One organization and one tracker; what scans say of a finding is said at once."""

    def __init__(self, wired: Wired) -> None:
        self.wired, self.fake, self.now = wired, wired.fake, NOW
        self.fake.hold.set()  # where no answer comes, the connection ends at once
        self.account = self.first_account()
        organization = self.account.organization
        self.connection = ConnectionFactory(
            organization=organization,
            kind=KIND.get(wired.kind, wired.kind),
            base_url=wired.access.base_url,
            allows_private=True,
        )
        self.route = RouteFactory(
            organization=organization,
            connection=self.connection,
            project=wired.target.project,
            labels=["Ops"],
            severity_map={"high": "2"},
            auto_since=NOW,
        )

    def first_account(self):
        return AccountFactory()

    # --- time ---
    def wait(self, **time):
        span = dt.timedelta(**time)
        self.now += span
        self.fake.now += span
        return self

    # --- what we do ---
    def trackers(self, connection):
        assert connection.pk == self.connection.pk
        return self.wired.tracker

    def open(self):
        """A new finding, with its ticket."""
        finding = open_finding(account=self.account)
        key = f"finding:{finding.uid}"
        return ticket_open(
            actor=None, findings=[finding], route=self.route, group_key=key, now=self.now
        )

    def judge(self, ticket, *, passes):
        """A scan passes or fails: closes, opens again, or contradicts a claim."""
        closed = {"closed_at": self.now, "close_cause": "verified", "workflow": "resolved"}
        opened = {"closed_at": None, "close_cause": "", "workflow": "in_progress"}
        episodes = Episode.objects.filter(ticket_findings__ticket=ticket)
        episodes.update(**(closed if passes else opened), claimed_at=None)
        ticket_refresh(ticket=ticket, now=self.now)
        return self

    def tick(self):
        """What a minute does."""
        while deliveries_process(now=self.now):
            pass
        for ticket_id in outbox_due(now=self.now):
            self.sync(ticket_id)
        return self

    def sync(self, ticket_id):
        ticket_sync(ticket_id=ticket_id, clock=lambda: self.now, chance=0.0, trackers=self.trackers)

    def poll(self):
        self.connection.refresh_from_db()
        connection_poll(connection=self.connection, now=self.now, trackers=self.trackers)
        return self.tick()

    def drain(self, times=80):
        """Until nothing waits, however long that takes."""
        for _ in range(times):
            self.tick()
            waiting = OutboxMessage.objects.waiting().filter(ticket__blocked_reason="")
            messages = list(waiting.select_related("ticket"))
            if not messages:
                return self
            self.connection.refresh_from_db()
            paused = [self.connection.breaker_until or self.now]
            paused += [p.breaker_until or self.now for p in self.connection.projects.all()]
            due = min(max(m.not_before, m.ticket.lease_until or self.now) for m in messages)
            until = max(due, *paused, self.now) - self.now
            self.wait(seconds=until.total_seconds() + 1)
        raise AssertionError("it never ends")

    # --- what the tracker sends ---
    def deliver(self, name, *, identity="", **more):
        """A signed delivery about an issue; the fake's own name of it."""
        headers, body = self.delivery(name, identity or f"{name} {self.now}", **more)
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        header = "X-Hub-Signature" if self.wired.is_jira else "X-Hub-Signature-256"
        return delivery_receive(
            connection=self.connection,
            headers={**headers, header: f"sha256={digest}"},
            body=body,
            now=self.now,
            trackers=self.trackers,
        )

    def delivery(self, name, identity, **more):
        if self.wired.is_jira:
            told = {"webhookEvent": "jira:issue_updated", "issue": {"id": name}, **more}
            return {"X-Atlassian-Webhook-Identifier": identity}, json.dumps(told).encode()
        project, _, number = name.partition("#")
        told = {"action": "edited", "issue": {"number": int(number)}, **more}
        told["repository"] = {"full_name": project}
        headers = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": identity}
        return headers, json.dumps(told).encode()

    # --- what people do there ---
    def claim(self, name):
        self.fake.set_status(name, self.wired.done)

    def set_back(self, name):
        self.fake.set_status(name, self.wired.todo)

    def refuse(self, name):
        more = {"resolution": "Won't Do"} if self.wired.is_jira else {}
        self.fake.set_status(name, self.wired.done if more else "not_planned", **more)

    def write(self, name, words, *, instead=False):
        """Write before what is there, or in its place."""
        raw = self.fake.raw_text(name)
        if self.wired.kind in ("jira_cloud", "jira_service_account"):
            own = {"type": "paragraph", "content": [{"type": "text", "text": words}]}
            kept = [] if instead or not raw else raw["content"]
            self.fake.edit(name, description={"type": "doc", "version": 1, "content": [own, *kept]})
            return
        text = words if instead or not raw else f"{words}\r\n\r\n{raw}"
        self.fake.edit(name, **{"description" if self.wired.is_jira else "body": text})

    def edit_everything(self, name, words, *, instead=False):
        self.write(name, words, instead=instead)
        self.fake.comment(name, words)
        if self.wired.is_jira:
            self.fake.edit(
                name,
                summary=words,
                labels=["theirs"],
                priority={"id": "4"},
                duedate="2020-12-24",
                assignee={"accountId": words, "key": words, "displayName": words},
            )
            return
        person = {"login": words.replace(" ", "-")}
        self.fake.edit(
            name, title=words, labels=[{"name": "theirs"}], assignee=person, assignees=[person]
        )

    # --- what must be so ---
    @property
    def ticket(self):
        return Ticket.objects.get()

    @property
    def waits(self):
        """Whether there is something to do, now or later."""
        return OutboxMessage.objects.waiting().exists()

    @property
    def name(self):
        """The issue, by the name that the fake has for it."""
        (name,) = self.fake.issues
        return name

    def remote(self, ticket):
        return self.wired.tracker.get(ticket.external_id)

    def assert_level(self, ticket):
        """Both sides say the same of all that is compared, and each comment is there once."""
        remote = self.remote(ticket)
        marker = block.marker_of(ticket.uid)
        wanted = desired_values(desired_of_json(ticket.desired))
        there = remote_values(remote, marker)
        held = self.wired.tracker.capabilities().fields
        for name in held - {Field.LABELS}:
            if name is not Field.DUE_DATE or wanted[name]:
                assert there[name] == wanted[name], name
        assert {label.lower() for label in remote.labels} >= {"cairn", "ops"}
        assert (ticket.key, ticket.url) == (remote.key, remote.url)
        assert ticket.status == remote.status_category.value
        assert ticket.assignee == remote.assignee_name
        assert ticket.pushed_version == ticket.desired_version
        assert (ticket.drift, ticket.blocked_reason) == ({}, "")
        if not ticket.is_live and not ticket.events.filter(kind="moved", at__gt=ticket.closed_at):
            assert remote.status_category is StatusCategory.DONE
        ours = sorted(c.our_id for c in remote.comments if c.our_id)
        said = ticket.comments.exclude(origin=TicketComment.Origin.TRACKER)
        assert ours == sorted(comment.uid.hex for comment in said)
        theirs = sorted(c.id for c in remote.comments if not c.our_id)
        known = ticket.comments.filter(origin=TicketComment.Origin.TRACKER)
        assert theirs == sorted(known.values_list("external_id", flat=True))

    def assert_quiet(self):
        """Another look at everything, by polls and deliveries, writes nothing."""
        self.wait(hours=2).poll().drain()
        before = len(self.fake.writes)
        for name in list(self.fake.issues):
            self.deliver(name)
        self.tick().wait(days=2).poll().drain()
        assert self.fake.writes[before:] == []
        assert not OutboxMessage.objects.exists()
        assert not InboundDelivery.objects.filter(status="received").exists()


class ScannedSite(Site):
    """One whose findings come of real scans of a few boxes, and its tickets of a route."""

    def __init__(self, wired: Wired) -> None:
        super().__init__(wired)
        self.scan(a=True)

    def first_account(self):
        self.scanned = Scanned(registry=only("box_is_sealed"))
        return self.scanned.account

    def scan(self, **sealed):
        """Look at the boxes, and let tickets follow."""
        self.wait(minutes=1)
        self.scanned.now = self.now
        self.sealed = {**getattr(self, "sealed", {}), **sealed}
        self.scanned.scan(*(box(name, is_sealed=is_so) for name, is_so in self.sealed.items()))
        while findings_follow(organization=self.account.organization, now=self.now):
            pass
        return self


@contextlib.contextmanager
def killed_at(monkeypatch, strike):
    """Pass every call over HTTP, and every step that is kept here, by ``strike`` once it is done.

    ``strike`` raises :class:`Killed` where the worker is to die; the dead give back no lease.
    """
    import workers.ticket_sync as engine

    send = Transport.send

    def sent(self, request, **more):
        answer = send(self, request, **more)
        strike(f"{request.method} {request.path}")
        return answer

    def watched(name):
        real = getattr(engine, name)

        def step(**named):
            done = real(**named)
            strike(name)
            return done

        return step

    with monkeypatch.context() as patched:
        patched.setattr(Transport, "send", sent)
        for name in KEPT:
            patched.setattr(engine, name, watched(name))
        patched.setattr(engine, "lease_end", lambda **_: None)
        yield


KEPT = (
    "ticket_lease",
    "lease_keep",
    "exchange_adopt",
    "exchange_take",
    "exchange_keep",
    "exchange_end",
    "outbox_done",
)


def mortal(site, *, swallow=True):
    """A site whose worker may die: the next one waits until the lease has ended."""
    sync = site.sync

    def survived(ticket_id):
        try:
            sync(ticket_id)
        except Killed:
            if not swallow:
                raise
            site.wait(seconds=LEASE.total_seconds())

    site.sync = survived
    return site
