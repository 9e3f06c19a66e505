import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import OutboxMessage, SlaRule, Ticket, TicketEvent, TicketFinding
from findings.services.tickets import (
    TicketRefused,
    ticket_add,
    ticket_comment,
    ticket_edit,
    ticket_open,
)
from tests.factories.accounts import AccountFactory, TeamFactory, person_with
from tests.factories.findings import EpisodeFactory, FindingFactory
from tests.factories.tickets import NOW, ConnectionFactory, TicketFindingFactory, open_finding

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def account():
    return AccountFactory(name="shop", environment="production")


@pytest.fixture
def person(account):
    return person_with(Role.CONTRIBUTOR, organization=account.organization)


def opened(*findings, actor=None, **fields):
    return ticket_open(actor=actor, findings=findings, now=NOW, **fields)


def kinds(ticket):
    return [event.kind for event in ticket.events.order_by("number")]


def test_without_a_tracker_a_ticket_is_on_the_board_and_nothing_is_sent(account, person):
    finding = open_finding(account=account)
    ticket = opened(finding, actor=person)
    assert (ticket.connection.kind, ticket.status, ticket.is_live) == ("builtin", "todo", True)
    assert opened(open_finding(account=account)).connection == ticket.connection
    assert (ticket.findings_total, ticket.findings_open, ticket.findings_verified) == (1, 1, 0)
    assert ticket.title.endswith(f"{account}, eu-west-1")
    assert kinds(ticket) == ["opened"]
    assert AuditEntry.objects.get(action="ticket.open").actor == person
    assert not OutboxMessage.objects.exists()


def test_with_a_tracker_what_is_wanted_is_in_the_outbox_before_anything_is_sent(account):
    connection = ConnectionFactory(organization=account.organization)
    ticket = opened(
        open_finding(account=account, resource="a-trail"), connection=connection, note="Soon."
    )
    message = OutboxMessage.objects.get()
    assert (message.ticket, message.kind, message.why) == (ticket, "push", "Opened")
    assert ticket.desired_version == 1
    assert ticket.desired["labels"] == ["cairn"]
    assert ticket.desired["marker"] == f"cairn-{ticket.uid.hex}"
    assert "`a-trail`" in ticket.desired["block"]
    assert "Note: Soon." in ticket.desired["block"]
    assert "**0 of 1 verified**" in ticket.desired["block"]


def test_a_selection_is_as_severe_as_its_worst_and_due_with_its_first(account):
    worst = open_finding(account=account, severity="critical", severity_rank=0)
    EpisodeFactory._meta.model.objects.filter(finding=worst).update(clock_starts_at=NOW + DAY)
    ticket = opened(open_finding(account=account), worst)
    assert (ticket.severity, ticket.severity_rank) == ("critical", 0)
    assert ticket.due_on == (NOW + 8 * DAY).date()
    organization = account.organization
    SlaRule.objects.create(
        organization=organization, severity="high", environment="production", days=2
    )
    SlaRule.objects.create(organization=organization, severity="critical", days=None)
    added = ticket_add(actor=None, ticket=ticket, findings=[open_finding(account=account)], now=NOW)
    assert added.due_on == (NOW + 2 * DAY).date()
    assert kinds(added) == ["opened", "findings_added", "changed"]
    assert added.events.last().after == {"severity": "critical", "due_on": "2026-03-04"}


def test_a_finding_has_one_live_ticket(account):
    finding = open_finding(account=account)
    first = opened(finding)
    with pytest.raises(TicketRefused, match=f"{first} is about one of these"):
        opened(finding)
    other = opened(open_finding(account=account))
    with pytest.raises(TicketRefused, match="is about one of these"):
        ticket_add(actor=None, ticket=other, findings=[finding], now=NOW)
    with pytest.raises(IntegrityError):
        TicketFindingFactory(
            ticket=other, finding=finding, episode=EpisodeFactory(finding=finding, number=2)
        )


def test_what_opens_at_the_same_moment_is_opened_once(account, monkeypatch):
    finding = open_finding(account=account)
    opened(finding)
    nothing = TicketFinding.objects.none()
    monkeypatch.setattr(TicketFinding.objects, "filter", lambda **_: nothing)
    with pytest.raises(TicketRefused, match="at the same moment"):
        opened(finding)
    monkeypatch.undo()
    assert Ticket.objects.count() == 1


def test_what_cannot_be_is_refused(account):
    closed = FindingFactory(account=account, is_open=False, evidence_status="pass")
    elsewhere = open_finding()
    for findings, told in (
        ([], "at least one"),
        ([closed], "are closed"),
        ([open_finding(account=account), elsewhere], "one organization"),
    ):
        with pytest.raises(TicketRefused, match=told):
            opened(*findings)
    with pytest.raises(TicketRefused, match="active connection of the organization"):
        opened(open_finding(account=account), connection=ConnectionFactory())
    with pytest.raises(ValidationError, match="At most 255"):
        opened(open_finding(account=account), title="x" * 256)
    assert not Ticket.objects.exists()


def test_who_contributes_to_every_account_opens_and_changes(account, person):
    own, other = (
        open_finding(account=account),
        open_finding(account=AccountFactory(organization=account.organization, name="hidden")),
    )
    part = person_with(
        Role.CONTRIBUTOR,
        organization=account.organization,
        accounts_of=TeamFactory(organization=account.organization),
    )
    account.owner_team = part.grants.get().accounts_of
    account.save()
    viewer = person_with(Role.VIEWER, organization=account.organization)
    for actor in (viewer, part):
        with pytest.raises(Denied):
            opened(own, other, actor=actor)
    ticket = opened(own, other, actor=person)
    for actor in (viewer, part):
        for act in (
            lambda actor: ticket_comment(actor=actor, ticket=ticket, body="x", now=NOW),
            lambda actor: ticket_edit(actor=actor, ticket=ticket, title="x", now=NOW),
            lambda actor: ticket_add(actor=actor, ticket=ticket, findings=[own], now=NOW),
        ):
            with pytest.raises(Denied) as denied:
                act(actor)
            assert "hidden" not in str(denied.value)


def test_a_title_of_ones_own_stays_until_it_is_given_up(account, person):
    ticket = opened(open_finding(account=account), title="  Mine \0")
    assert ticket.title == "Mine"
    added = ticket_add(actor=None, ticket=ticket, findings=[open_finding(account=account)], now=NOW)
    assert added.title == "Mine"
    edited = ticket_edit(actor=person, ticket=ticket, title="", note="n", now=NOW)
    assert "2 findings" in edited.title
    assert edited.desired_version == 3
    assert ticket_edit(actor=person, ticket=ticket, note="n", now=NOW).desired_version == 3


def test_who_does_it_is_said_on_the_board_or_in_the_tracker(account):
    board = opened(open_finding(account=account))
    assert ticket_edit(actor=None, ticket=board, assignee="jo", now=NOW).assignee == "jo"
    assert kinds(board) == ["opened", "assigned"]
    remote = opened(
        open_finding(account=account),
        connection=ConnectionFactory(organization=account.organization),
    )
    with pytest.raises(TicketRefused, match="in the tracker"):
        ticket_edit(actor=None, ticket=remote, assignee="jo", now=NOW)


def test_a_comment_is_kept_told_and_sent(account, person):
    connection = ConnectionFactory(organization=account.organization)
    ticket = opened(open_finding(account=account), connection=connection)
    OutboxMessage.objects.all().delete()
    said = ticket_comment(actor=person, ticket=ticket, body=" Look. \0", now=NOW)
    assert (said.body, said.author, said.origin) == ("Look.", person, "person")
    assert kinds(ticket) == ["opened", "commented"]
    assert OutboxMessage.objects.get().kind == "push"
    with pytest.raises(ValidationError, match="Say something"):
        ticket_comment(actor=person, ticket=ticket, body=" \0", now=NOW)


def test_events_are_numbered_over_all_tickets_of_an_organization(account):
    for _ in range(3):
        opened(open_finding(account=account))
    opened(open_finding())
    numbers = TicketEvent.objects.filter(organization=account.organization)
    assert list(numbers.values_list("number", flat=True)) == [1, 2, 3]


def test_a_ticket_is_of_the_team_that_owns_all_of_it(account):
    account.owner_team = TeamFactory(organization=account.organization)
    account.save()
    ours, nobodys = (
        open_finding(account=account),
        open_finding(account=AccountFactory(organization=account.organization)),
    )
    assert opened(ours, nobodys).team is None
    ticket = opened(open_finding(account=account))
    assert ticket.team == account.owner_team
    assert f"Owner: {account.owner_team}" in ticket.desired["block"]
