import datetime as dt

import pytest

from accounts.models import Account
from accounts.roles import Permission, Role
from findings.models import OutboxMessage, Ticket, TicketPlace
from findings.selectors.tickets import (
    PAGE,
    TicketFilter,
    board,
    drift,
    outbox_seen,
    page_of,
    sync_log,
    ticket_standing,
    ticket_told,
    tickets_matching,
    titles_told,
)
from findings.services.ticket_events import sync_event
from findings.services.tickets import ticket_comment, ticket_open
from tests.factories.accounts import (
    AccountFactory,
    GrantFactory,
    OrganizationFactory,
    OuFactory,
    person_with,
)
from tests.factories.tickets import NOW, ConnectionFactory, TicketFactory, open_finding

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def places(organization):
    return [
        AccountFactory(
            organization=organization, name=name, ou=OuFactory(organization=organization)
        )
        for name in ("shop", "hidden-place")
    ]


@pytest.fixture
def ticket(places):
    findings = [open_finding(account=a, resource=f"trail-of-{a.name}") for a in places]
    opened = ticket_open(
        actor=None,
        findings=findings,
        connection=ConnectionFactory(organization=places[0].organization),
        title="Secret title",
        note="secret note",
        now=NOW,
    )
    ticket_comment(actor=None, ticket=opened, body="secret remark", now=NOW)
    sync_event(opened, "out", "create", NOW, new="secret value").save()
    return Ticket.objects.get(pk=opened.pk)


@pytest.fixture
def whole(organization):
    return person_with(Role.VIEWER, organization=organization)


@pytest.fixture
def part(organization, places):
    return person_with(Role.VIEWER, organization=organization, ou=places[0].ou)


def test_who_sees_every_account_reads_everything(ticket, whole):
    told = ticket_told(whole, ticket)
    assert (told.title, told.note, told.is_whole) == ("Secret title", "secret note", True)
    assert [comment.body for comment in told.comments] == ["secret remark"]
    assert "trail-of-hidden-place" in told.body
    assert sync_log(whole, ticket).count() == 1
    assert outbox_seen(whole).count() == 1


def test_who_sees_a_part_reads_of_that_part_alone(ticket, part):
    assert list(tickets_matching(part, TicketFilter())) == [ticket]
    told = ticket_told(part, ticket)
    assert (told.is_whole, told.hidden_findings, len(told.episodes)) == (False, 1, 1)
    assert "trail-of-shop" in told.body
    words = f"{told.title} {told.note} {told.body} {told.comments} {titles_told(part, [ticket])}"
    assert "hidden" not in words
    assert "ecret" not in words
    assert not sync_log(part, ticket).exists()
    assert not outbox_seen(part).exists()
    assert drift(part) == []


@pytest.mark.parametrize(
    "values",
    [{"account": "hidden"}, {"search": "secret"}, {"search": "title"}],
)
def test_no_filter_tells_a_part_of_what_it_does_not_see(ticket, part, whole, values):
    hidden = Account.objects.get(name="hidden-place").account_id
    asked = {"account": hidden} if "account" in values else values
    assert list(tickets_matching(whole, TicketFilter.of(asked))) == [ticket]
    assert list(tickets_matching(part, TicketFilter.of(asked))) == []


def test_a_stranger_and_nobody_see_nothing(ticket):
    stranger = person_with(Role.ADMINISTRATOR, organization=OrganizationFactory())
    assert not tickets_matching(stranger, TicketFilter(state="all")).exists()
    assert not Ticket.objects.whole_to(stranger).exists()


def test_who_sees_one_organization_whole_sees_of_another_what_is_granted(ticket, places):
    other = OrganizationFactory()
    elsewhere = TicketFactory(organization=other)
    person = person_with(Role.VIEWER, organization=other)
    assert set(Ticket.objects.visible_to(person)) == {elsewhere}
    GrantFactory(user=person, role=Role.VIEWER, organization=ticket.organization, ou=places[0].ou)
    assert set(Ticket.objects.visible_to(person)) == {elsewhere, ticket}
    assert set(Ticket.objects.whole_to(person)) == {elsewhere}


def test_a_ticket_that_names_the_organization_is_whole_to_who_sees_all_of_it(
    organization, places, whole, part
):
    named = TicketFactory(
        connection=ConnectionFactory(organization=organization), check_id="a_guard"
    )
    TicketPlace.objects.create(ticket=named, account=places[0], state="open")
    TicketPlace.objects.create(ticket=named, account=None, state="named")
    assert ticket_told(whole, named).is_whole
    contributor = person_with(Role.CONTRIBUTOR, organization=organization)
    assert Ticket.objects.whole_to(contributor, Permission.CONTRIBUTE).get() == named
    assert not Ticket.objects.whole_to(whole, Permission.CONTRIBUTE).exists()
    assert not Ticket.objects.whole_to(part).exists()


def test_a_list_is_narrowed_by_what_is_given(ticket, whole):
    for values, found in (
        ({}, True),
        ({"state": "closed"}, False),
        ({"state": "waiting"}, False),
        ({"state": "strange"}, False),
        ({"status": "todo"}, True),
        ({"severity": "low"}, False),
        ({"connection": ticket.connection.name}, True),
        ({"check": "cloudtrail_multi_region_logging"}, True),
        ({"check": "x\0"}, False),
        ({"team": "nobody"}, False),
    ):
        assert tickets_matching(whole, TicketFilter.of(values)).exists() == found, values


def test_pages_follow_one_another_without_a_gap(organization, whole):
    connection = ConnectionFactory(organization=organization)
    made = [TicketFactory(connection=connection).pk for _ in range(PAGE + 2)]
    found = tickets_matching(whole, TicketFilter())
    first = page_of(found)
    second = page_of(found, first.next_key)
    assert [t.pk for t in first.tickets + second.tickets] == made[::-1]
    assert second.next_key == ""
    for wrong in ("x", "-1", "٣", "9" * 30):
        with pytest.raises(ValueError, match="not a place in the list"):
            page_of(found, wrong)


def test_a_board_has_the_worst_first_in_each_column(organization, whole):
    connection = ConnectionFactory(organization=organization)
    late = TicketFactory(connection=connection, severity_rank=1)
    soon = TicketFactory(connection=connection, severity_rank=1, due_on=NOW.date())
    worst = TicketFactory(connection=connection, severity_rank=0, status="in_progress")
    columns = board(whole, TicketFilter())
    assert columns == {"todo": [soon, late], "in_progress": [worst], "done": []}


def test_drift_tells_what_does_not_settle_by_itself(organization, whole):
    connection = ConnectionFactory(organization=organization)
    fields = {"connection": connection, "desired": {"title": "ours"}}
    TicketFactory(**fields, drift={"title": "theirs"})
    TicketFactory(**fields, blocked_reason="no move")
    TicketFactory(**fields, detached_at=NOW)
    TicketFactory(**fields, closed_at=NOW, base={"x": 1}, status_name="Doing")
    dead = TicketFactory(**fields)
    OutboxMessage.objects.create(
        ticket=dead, kind="push", asked_at=NOW, not_before=NOW, status="dead", last_error="503"
    )
    TicketFactory(**fields)
    lines = [(line.what, line.ours, line.theirs, line.can_take_theirs) for line in drift(whole)]
    assert sorted(lines) == [
        ("blocked", "", "no move", False),
        ("issue", lines[2][1], "gone", False),
        ("not sent", "", "503", False),
        ("status", "done", "Doing", False),
        ("title", "ours", "theirs", True),
    ]


@pytest.mark.parametrize(
    ("days", "closed", "verified", "told"),
    [
        (9, False, 0, "on_time"),
        (-1, False, 0, "breached"),
        (1, True, 1, "met"),
        (1, True, 0, "stopped"),
    ],
)
def test_a_ticket_stands_by_its_due_date(days, closed, verified, told):
    ticket = TicketFactory(
        due_on=NOW.date() + dt.timedelta(days=days),
        closed_at=NOW if closed else None,
        findings_total=1,
        findings_verified=verified,
    )
    assert ticket_standing(ticket, NOW) == told
