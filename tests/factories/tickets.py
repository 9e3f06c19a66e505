import datetime as dt

import factory
from factory.django import DjangoModelFactory

from findings.models import (
    Connection,
    ConnectionKind,
    ConnectionProject,
    ConnectionTrial,
    InboundDelivery,
    Route,
    SlaRule,
    SuggestionDismissal,
    SyncEvent,
    Ticket,
    TicketFeed,
    TicketFinding,
    TicketPlace,
)
from findings.services.tickets import ticket_comment, ticket_open
from tests.factories.accounts import OrganizationFactory
from tests.factories.findings import EpisodeFactory, FindingFactory

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


class ConnectionFactory(DjangoModelFactory):
    """A tracker that is known to work."""

    class Meta:
        model = Connection

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"tracker {n}")
    kind = ConnectionKind.GITHUB
    base_url = "https://tracker.example.com"
    health = Connection.Health.HEALTHY


class RouteFactory(DjangoModelFactory):
    """An automatic route of every finding to a tracker, one ticket for each finding."""

    class Meta:
        model = Route

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"route {n}")
    position = factory.Sequence(lambda n: n + 1)
    connection = factory.SubFactory(
        ConnectionFactory, organization=factory.SelfAttribute("..organization")
    )
    project = "OPS"
    grouping = Route.Grouping.FINDING
    mode = Route.Mode.AUTO
    auto_since = NOW - dt.timedelta(days=365)


class TicketFactory(DjangoModelFactory):
    """A row without findings; services open real ones."""

    class Meta:
        model = Ticket

    connection = factory.SubFactory(ConnectionFactory)
    organization = factory.SelfAttribute("connection.organization")
    project = "OPS"
    title = "Encrypt it"
    severity = "high"
    opened_at = NOW
    changed_at = NOW


class TicketFindingFactory(DjangoModelFactory):
    class Meta:
        model = TicketFinding

    ticket = factory.SubFactory(TicketFactory)
    finding = factory.SubFactory(FindingFactory)
    episode = factory.SubFactory(EpisodeFactory, finding=factory.SelfAttribute("..finding"))
    added_at = NOW


def open_finding(**fields):
    """An open finding with its episode."""
    return EpisodeFactory(finding=FindingFactory(**fields)).finding


def ticket_of_everything(finding):
    """A ticket about the finding, with a row of every other model around it."""
    organization = finding.organization
    route = RouteFactory(organization=organization)
    ticket = ticket_open(actor=None, findings=[finding], route=route, now=NOW)
    ticket_comment(actor=None, ticket=ticket, body="Look.", now=NOW)
    ConnectionProject.objects.create(connection=route.connection, project="OPS")
    InboundDelivery.objects.create(
        connection=route.connection, delivery_id="1", body_sha256="0" * 64, received_at=NOW
    )
    ConnectionTrial.objects.create(connection=route.connection, asked_at=NOW)
    SyncEvent.objects.create(
        ticket=ticket, connection=route.connection, at=NOW, direction="out", operation="create"
    )
    SlaRule.objects.create(organization=organization, severity="high", days=7)
    SuggestionDismissal.objects.create(
        route=route, episode=finding.episodes.latest("number"), at=NOW
    )
    TicketFeed.objects.create(organization=organization)
    TicketPlace.objects.create(ticket=ticket, account=finding.account, state="named")
    return ticket
