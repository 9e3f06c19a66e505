"""At most fifteen queries a page, however much there is to show."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccountEvent
from findings.models import Alert, Finding, InboundDelivery, Incident, OutboxMessage, Scan, Ticket
from findings.services.foresight import foresight_propose
from findings.services.ticket_events import sync_event
from findings.services.tickets import ticket_add, ticket_comment, ticket_open
from tests.factories.accounts import NOW, GrantFactory, OuFactory, TeamFactory
from tests.factories.findings import (
    AttestationFactory,
    CheckStatusFactory,
    DeclaredToolFactory,
    EpisodeFactory,
    ExportFactory,
    FindingFactory,
    ScheduleFactory,
    SuppressedFindingFactory,
    SuppressionFactory,
)
from tests.factories.incidents import (
    ActionItemFactory,
    IncidentFactory,
    LearningFactory,
    TimelineEntryFactory,
)
from tests.factories.notifications import dead_message
from tests.factories.tickets import ConnectionFactory, RouteFactory, open_finding
from tests.portal.world import CHECK

MOST = 15
MORE = {"incident": 29}
"""One or two each for twelve lists, and for the people, teams and learnings of four forms."""


def ticket(world, **fields):
    """Of a tracker, with all that may be said about it."""
    connection = ConnectionFactory(organization=world.ours)
    opened = ticket_open(
        actor=None,
        findings=[open_finding(account=account) for account in (world.shop, world.sandbox)],
        connection=connection,
        project="OPS",
        team=TeamFactory(organization=world.ours),
        now=NOW,
        **fields,
    )
    Ticket.objects.filter(pk=opened.pk).update(drift={"title": "theirs"}, blocked_reason="no")
    InboundDelivery.objects.create(
        connection=connection, delivery_id="1", body_sha256="0" * 64, received_at=NOW
    )
    sync_event(opened, "out", "create", NOW).save()
    grow_ticket(world, opened)
    return opened


def grow_ticket(world, opened):
    for _ in range(3):
        ticket_add(actor=None, ticket=opened, findings=[open_finding(account=world.shop)], now=NOW)
        ticket_comment(actor=world.person("administrator"), ticket=opened, body="Look.", now=NOW)
        sync_event(opened, "in", "moved", NOW).save()
    OutboxMessage.objects.update(status="dead")


def incident(world):
    """With a finding that was open before, what is learnt and what is to be done."""
    begun = IncidentFactory(organization=world.ours, accounts=[world.shop], checks=[CHECK])
    Incident.objects.filter(pk=begun.pk).update(started_at=world.lab.now)
    grow_incident(world, begun)
    return begun


def grow_incident(world, begun):
    begun = Incident.objects.get(pk=begun.pk)
    TimelineEntryFactory(incident=begun)
    learning = LearningFactory(incident=begun)
    ActionItemFactory(incident=begun, learning=learning, accounts=[world.shop])
    foresight_propose(actor=None, incident=begun, registry=world.lab.registry, now=world.lab.now)


def suppression(world, **fields):
    far = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    return SuppressionFactory(organization=world.ours, ends_at=far, **fields)


@pytest.fixture
def pages(world):
    finding = world.finding()
    schedule = ScheduleFactory(organization=world.ours)
    told = ticket(world)
    open_finding(account=world.shop)
    RouteFactory(organization=world.ours, mode="suggest")
    return {
        "board": reverse("ticket-board"),
        "tickets": reverse("ticket-list"),
        "ticket": reverse("ticket-detail", args=[told.uid]),
        "sync": reverse("ticket-sync", args=[told.uid]),
        "a ticket's words": reverse("ticket-edit", args=[told.uid]),
        "more for a ticket": reverse("ticket-add", args=[told.uid]),
        "a ticket to be": f"{reverse('ticket-open')}?severity=high",
        "suggestions": reverse("suggestion-list"),
        "outbox": reverse("ticket-outbox") + "?show=dead",
        "drift": reverse("ticket-drift"),
        "deliveries": reverse("delivery-list"),
        "overview": reverse("overview"),
        "scorecard": reverse("scorecard"),
        "scorecard of an OU": f"{reverse('scorecard')}?scope=ou:{world.prod.uid}",
        "accounts": reverse("account-list"),
        "account": reverse("account-detail", args=[world.shop.uid]),
        "checks": reverse("finding-list"),
        "findings": reverse("finding-list") + "?group=none",
        "finding": reverse("finding-detail", args=[finding.uid]),
        "scans": reverse("scan-list"),
        "scan": reverse("scan-detail", args=[world.scan.uid]),
        "schedules": reverse("schedule-list"),
        "new schedule": reverse("schedule-create"),
        "schedule": reverse("schedule-edit", args=[schedule.uid]),
        "tools": reverse("tool-list"),
        "attestations": reverse("attestation-list"),
        "suppressions": reverse("suppression-list") + "?show=active",
        "requests": reverse("suppression-list"),
        "suppression": reverse("suppression-detail", args=[suppression(world).uid]),
        "a request for a finding": f"{reverse('suppression-ask')}?finding={finding.uid}",
        "exports": reverse("export-list"),
        "notifications": reverse("notification-settings"),
        "incidents": reverse("incident-list"),
        "incident": reverse("incident-detail", args=[incident(world).uid]),
        "learnings": reverse("learning-list"),
        "everybody's work": f"{reverse('action-item-list')}?of=all",
    }


@pytest.fixture
def more(world):
    """Grows what every page has to show."""

    def grow():
        team = TeamFactory(organization=world.ours)
        told = Ticket.objects.earliest("pk")
        ticket(world, predecessor=told)
        grow_ticket(world, told)
        RouteFactory(organization=world.ours, mode="suggest")
        incident(world)
        grow_incident(world, Incident.objects.earliest("pk"))
        ScheduleFactory(organization=world.ours, last_scan=world.scan)
        Alert.objects.create(
            organization=world.ours,
            kind="schedule_missed",
            subject=team.name,
            message="missed",
            raised_at=NOW,
        )
        for _ in range(3):
            ou = OuFactory(organization=world.ours)
            DeclaredToolFactory(organization=world.ours, owner_team=team, ou=ou)
            AttestationFactory(organization=world.ours, owner_team=team, ou=ou)
            account = world.account(ou.name, ou=ou, owner_team=team, role_health="denied")
            CheckStatusFactory(account=account, passed=1)
            found = EpisodeFactory(finding=FindingFactory(account=account)).finding
            SuppressedFindingFactory(
                suppression=suppression(world, ou=ou), finding=found, episode=found.episodes.get()
            )
            suppression(world, ou=ou, is_approved=None, decided_at=None)
            for asker in User.objects.all():
                ExportFactory(organization=world.ours, asked_by=asker)
                dead_message(asker, world.ours)
            AccountEvent.objects.create(account=world.shop, kind="renamed", at=NOW)
        first = Finding.objects.filter(account=world.shop).earliest("pk")
        EpisodeFactory(finding=first, number=Scan.objects.count() + 1, closed_at=NOW,
                       close_cause="out_of_scope")  # fmt: skip
        world.lab.wait(days=1).scan(facts={})

    return grow


@pytest.fixture
def spectator(sign_in, world):
    """Holds several grants, which is more work than being a superuser."""
    person = world.person("administrator")
    team = TeamFactory(organization=world.ours, members=[person])
    GrantFactory(user=None, team=team, organization=world.ours, ou=world.prod)
    return sign_in("administrator")


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured]


def test_who_sees_a_part_needs_no_more_queries_for_more_tickets(sign_in, world):
    pages = [reverse(name) for name in ("ticket-board", "ticket-list")]
    ticket(world)
    client = sign_in("viewer of Prod")
    before = [len(queries(client, address)) for address in pages]
    for _ in range(3):
        ticket(world)
    assert [len(queries(client, address)) for address in pages] == before
    assert max(before) <= MOST


def test_no_page_needs_more_queries_when_there_is_more_to_show(spectator, pages, more):
    before = {name: len(queries(spectator, address)) for name, address in pages.items()}
    more()
    more()
    after = {name: len(queries(spectator, address)) for name, address in pages.items()}
    assert {name: number for name, number in after.items() if number > MORE.get(name, MOST)} == {}
    grown = {name: (before[name], number) for name, number in after.items()}
    assert {name: pair for name, pair in grown.items() if pair[1] > pair[0] + 1} == {}
