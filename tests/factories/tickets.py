import datetime as dt

import factory
from factory.django import DjangoModelFactory

from findings.models import Connection, ConnectionKind, Route, Ticket, TicketFinding
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
