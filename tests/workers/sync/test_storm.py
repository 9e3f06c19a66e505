"""Everything at once, in an order that chance gives; afterwards both sides say the same.

People edit, we edit, scans judge, deliveries come late, twice or never, calls fail before or after
they were done, workers die. Each seed is a storm of its own, and always the same one.
"""

import random

from findings.models import OutboxMessage, Ticket
from findings.services.ticket_feed import ticket_refresh
from findings.services.tickets import ticket_comment, ticket_edit
from findings.ticketing import block
from tests.workers.fake_tracker import Killed
from tests.workers.sync.site import killed_at, mortal

TICKETS, STEPS = 3, 45


class Storm:
    def __init__(self, site, seed):
        self.site, self.chance = site, random.Random(seed)
        self.queue, self.until_death = [], 0
        self.words = {}
        self.tickets = [site.open() for _ in range(TICKETS)]

    def strike(self, moment):
        self.until_death -= 1
        if self.until_death == 0:
            raise Killed(moment)

    # --- what people do there ---
    def someone(self):
        """An issue that both sides know of, by the fake's own name of it."""
        known = Ticket.objects.exclude(external_id="").values_list("external_id", "key")
        names = [n for pair in known for n in pair if n in self.site.fake.issues]
        return self.chance.choice(sorted(set(names))) if names else None

    def people(self, name):
        site, number = self.site, self.chance.randrange(1000)
        match self.chance.randrange(8):
            case 0 | 1:
                site.edit_everything(name, f"everything {number}")
                self.moves(name)
            case 2:
                site.edit_everything(name, f"instead {number}", instead=True)
            case 3:
                site.write(name, f"more {number}")
            case 4:
                site.fake.comment(name, f"said {number}")
            case 5 if "new" not in f"{name} {site.fake.issues[name].get('key')}".lower():
                site.fake.move(name)
                return
            case _:
                self.moves(name)
        self.told(name)

    def moves(self, name):
        site = self.site
        self.chance.choice([site.claim, site.claim, site.refuse, site.set_back])(name)

    def told(self, name):
        """Deliveries of what was done there wait for their turn."""
        self.queue.append((name, f"d{len(self.queue)}-{self.site.fake.now}"))

    # --- what we do ---
    def ours(self):
        site, ticket = self.site, self.chance.choice(self.tickets)
        match self.chance.randrange(5):
            case 0:
                title = f"ours {self.chance.randrange(1000)}"
                ticket_edit(actor=None, ticket=ticket, title=title, now=site.now)
            case 1:
                note = f"note {self.chance.randrange(1000)}"
                ticket_edit(actor=None, ticket=ticket, note=note, now=site.now)
            case 2:
                ticket_comment(actor=None, ticket=ticket, body="*ours*", now=site.now)
            case 3:
                site.judge(ticket, passes=True)
            case _:
                site.judge(ticket, passes=False)

    # --- what goes wrong ---
    def fault(self):
        fake = self.site.fake
        method = self.chance.choice(["GET", "POST", "POST", "PUT", "PATCH"])
        part = self.chance.choice(["/issue", "/issue", "/comment", "/transitions"])
        match self.chance.randrange(6):
            case 0 | 1:
                fake.fails(method, part, after=True)
            case 2:
                fake.fails(method, part, self.chance.choice([500, 502, 503]))
            case 3:
                fake.fails(method, part, 429, headers={"Retry-After": "600"})
            case 4:
                fake.fails(method, part, 200, raw=b'{"id": ', after=True)
            case _:
                self.until_death = self.chance.randrange(1, 12)

    # --- what arrives ---
    def arrive(self):
        if not self.queue:
            return
        at = self.chance.randrange(len(self.queue))
        name, identity = self.queue[at]
        if self.chance.random() < 0.7:
            del self.queue[at]  # else it comes again
        if self.chance.random() < 0.7:
            self.site.deliver(name, identity=identity)

    def step(self):
        site = self.site
        match self.chance.randrange(10):
            case 0 | 1 | 2:
                name = self.someone()
                self.people(name) if name else None
            case 3 | 4:
                self.ours()
            case 5:
                self.fault()
            case 6:
                self.arrive()
            case 7:
                site.poll()
            case _:
                site.tick()
        seconds = self.chance.choice([1, 1, 20, 70, 700])
        site.wait(seconds=seconds)

    def ends(self):
        """No more faults; what was not delivered yet is lost."""
        self.until_death = 0
        self.site.fake.faults.clear()
        self.site.wait(hours=2)
        for _ in range(3):
            self.site.poll().drain().wait(hours=2)


SEEDS = {"jira_cloud": 0, "jira_data_center": 1, "github_app": 1}
"""A storm of its own for each tracker: what the engine does to rows is the same with all."""


def test_after_the_storm_there_is_one_issue_for_each_ticket_and_silence(site, monkeypatch):
    storm = Storm(mortal(site), SEEDS[site.wired.kind])
    with killed_at(monkeypatch, storm.strike):
        for _ in range(STEPS):
            storm.step()
        storm.ends()
    for ticket in Ticket.objects.all():
        ticket_refresh(ticket=ticket, now=site.now)
    site.drain()
    assert (site.fake.made, len(site.fake.issues)) == (TICKETS, TICKETS)
    assert not OutboxMessage.objects.exists()
    for ticket in Ticket.objects.all():
        site.assert_level(ticket)
        marker = block.marker_of(ticket.uid)
        assert site.remote(ticket).description.count(f"{marker}), begin") == 1
    site.assert_quiet()
