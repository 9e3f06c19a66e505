import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import Connection, ConnectionKind, Route, Ticket
from findings.services.connections import board_of
from tests.factories.accounts import GrantFactory, OrganizationFactory, TeamFactory
from tests.factories.tickets import ConnectionFactory, RouteFactory, open_finding
from tests.portal.web.pages import badly_refused, links_of, main_text_of, text_of
from tests.portal.world import CHECK

LIST, NEW = reverse("route-list"), reverse("route-create")
NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def connection(world):
    return ConnectionFactory(organization=world.ours, kind=ConnectionKind.JIRA_CLOUD)


@pytest.fixture
def form(connection):
    return {
        "name": "Worst to Jira",
        "connection": connection.pk,
        "project": "OPS",
        "grouping": "finding",
        "reopen_policy": "reopen",
        "max_new": "20",
    }


def page(route, act="edit"):
    return reverse(f"route-{act}", args=[route.uid])


def route_of(world, **fields):
    given = {"organization": world.ours, "mode": Route.Mode.OFF, "auto_since": None}
    return RouteFactory(**(given | fields))


def test_a_route_is_made_with_all_that_it_says(sign_in, world, form, connection):
    TeamFactory(organization=world.ours, name="Payments")
    told = {
        "severities": ["critical", "high"],
        "rows": ["O2"],
        "checks": CHECK,
        "ous": ["Prod"],
        "teams": ["Payments"],
        "severity_high": "2",
        "status_done": "31",
        "label_words": "aws cairn",
        "assignee": "5b10",
        "field_map": '{"components": [{"name": "Cloud"}]}',
    }
    answer = sign_in("administrator").post(NEW, form | told)
    made = Route.objects.get()
    assert (answer.status_code, answer.url) == (302, page(made))
    assert (made.mode, made.connection, made.project) == (Route.Mode.OFF, connection, "OPS")
    assert made.selector == {
        "rows": ["O2"],
        "checks": [CHECK],
        "severities": ["critical", "high"],
        "ous": ["Prod"],
        "teams": ["Payments"],
    }
    assert (made.severity_map, made.status_map) == ({"high": "2"}, {"done": "31"})
    assert made.labels == ["aws", "cairn"]
    assert made.field_map == {"components": [{"name": "Cloud"}], "assignee": {"id": "5b10"}}


def test_the_form_shows_what_is_stored_and_saves_it_unchanged(sign_in, world, form, connection):
    route = route_of(
        world,
        connection=connection,
        selector={"ous": ["Gone"], "environments": ["prod"]},
        labels=["aws"],
        severity_map={"low": "4"},
        field_map={"assignee": {"id": "5b10"}, "x": 1},
    )
    shown = sign_in("administrator").get(page(route)).context
    bound = {field.name: field.value() for field in [*shown["form"], *shown["part"]]}
    sent = {name: value for name, value in bound.items() if value is not None}
    sent["field_map"] = shown["form"]["field_map"].value()
    assert sent["assignee"] == "5b10"
    assert "assignee" not in sent["field_map"]
    assert sign_in("administrator").post(page(route), sent).status_code == 302
    again = Route.objects.get()
    for name in ("selector", "labels", "severity_map", "field_map", "project", "mode"):
        assert getattr(again, name) == getattr(route, name), name
    assert not AuditEntry.objects.filter(action="route.change").exists()


def test_without_a_connection_tickets_go_to_the_board(sign_in, world, form):
    sign_in("administrator").post(NEW, {**form, "connection": "", "project": ""})
    assert Route.objects.get().connection == board_of(world.ours)


WRONG = [
    ({"name": ""}, "required"),
    ({"name": "Taken"}, "a route of this name already"),
    ({"project": ""}, "in which project"),
    ({"max_new": "0"}, "greater than or equal to 1"),
    ({"checks": "no_such_check"}, "no check no_such_check"),
    ({"rows": "Z9"}, "Z9 is not one of the available choices"),
    ({"ous": "Elsewhere"}, "Elsewhere is not one of the available choices"),
    ({"field_map": "[1]"}, "Write a JSON object"),
    ({"field_map": "{"}, "This is not JSON"),
    ({"field_map": '{"a": NaN}'}, "This is not JSON"),
    ({"field_map": "[" * 8000}, "This is not JSON"),
    ({"field_map": '{"a": ' + "9" * 5000 + "}"}, "This is not JSON"),
    ({"field_map": '{"a": "\\u0000"}'}, "Null characters"),
    ({"label_words": "x" * 51}, "words without blanks"),
    ({"connection": "999999"}, "Select a valid choice"),
    ({"connection": "", "assignee": "me"}, "not given to anybody"),
]


def test_what_is_wrong_is_said_and_nothing_saved(sign_in, world, form):
    route_of(world, name="Taken")
    client = sign_in("administrator")

    def create(fields):
        return client.post(NEW, form | fields)

    assert badly_refused(create, WRONG, Route, shown="New route") == {}


def test_a_simulation_tells_and_saves_nothing(sign_in, world, form):
    answer = sign_in("administrator").post(NEW, {**form, "simulate": "1", "max_new": "1"})
    assert answer.status_code == 200
    assert "The last 30 days would have made 0 tickets" in main_text_of(answer)
    for name in ("a", "b"):
        finding = open_finding(account=world.shop, check_id=CHECK, resource=name)
        finding.episodes.update(opened_at=NOW, open_cause="newly_failing")
    answer = sign_in("administrator").post(NEW, {**form, "simulate": "1", "max_new": "1"})
    text = main_text_of(answer)
    assert "The last 30 days would have made 2 tickets" in text
    assert "would have stopped and asked" in text
    grouped = {**form, "simulate": "1", "grouping": "account_check"}
    text = main_text_of(sign_in("administrator").post(NEW, grouped))
    assert "The last 30 days would have made 1 ticket." in text
    assert f"account {world.shop.account_id}" in text
    assert not Route.objects.exists()


def test_it_is_switched_on_after_its_simulation(sign_in, world):
    route = route_of(world)
    client = sign_in("administrator")
    asked = main_text_of(client.get(page(route, "switch") + "?mode=auto"))
    assert "The last 30 days would have made 0 tickets" in asked
    assert "If one scan would open more than 20" in asked
    assert Route.objects.get().mode == Route.Mode.OFF
    told = text_of(client.post(page(route, "switch"), {"mode": "auto"}, follow=True))
    assert "is automatic now" in told
    assert (Route.objects.get().mode, Route.objects.get().auto_since) == ("auto", NOW)
    assert client.post(page(route, "switch"), {"mode": "loud"}).status_code == 400
    assert client.get(page(route, "switch") + "?mode=loud").status_code == 400


def test_routes_are_moved(sign_in, world):
    first, second = (route_of(world, name=name, position=n) for n, name in ((1, "A"), (2, "B")))
    client = sign_in("administrator")

    def order():
        return list(Route.objects.order_by("position").values_list("name", flat=True))

    client.post(page(second, "move"), {"step": "up"})
    assert order() == ["B", "A"]
    client.post(page(second, "move"), {"step": "up"})
    assert order() == ["B", "A"]
    client.post(page(second, "move"), {"step": "down"})
    assert order() == ["A", "B"]
    assert client.post(page(first, "move"), {"step": "away"}).status_code == 400
    text = main_text_of(client.get(LIST))
    assert text.index("1. A") < text.index("2. B")


@pytest.mark.parametrize(("sent", "tickets"), [({"opens": "1"}, 1), ({}, 0)])
def test_a_held_route_is_let_go_on(sign_in, world, sent, tickets):
    since = NOW - dt.timedelta(days=9)
    route = route_of(world, mode="auto", auto_since=since, held_at=NOW, held_reason="34 at once.")
    finding = open_finding(account=world.shop, resource="x")
    finding.episodes.update(opened_at=NOW, open_cause="newly_failing")
    client = sign_in("administrator")
    assert "Waits for you" in main_text_of(client.get(LIST))
    shown = main_text_of(client.get(page(route)))
    assert "34 at once. 1 finding waits for a ticket." in shown
    client.post(page(route, "release"), sent)
    route.refresh_from_db()
    assert (route.held_at, route.held_reason) == (None, "")
    assert Ticket.objects.count() == tickets


def test_a_deleted_route_is_gone(sign_in, world):
    answer = sign_in("administrator").post(page(route_of(world), "delete"), follow=True)
    assert "The route is deleted" in text_of(answer)
    assert not Route.objects.exists()


def test_who_sees_the_whole_sees_the_list_and_administrators_change_it(sign_in, world):
    route = route_of(world, name="Ours only")
    for who in ("viewer", "contributor", "administrator"):
        answer = sign_in(who).get(LIST)
        assert "Ours only" in text_of(answer), who
        assert (page(route) in links_of(answer)) is (who == "administrator")
        assert ("New route" in text_of(answer)) is (who == "administrator")
    for who in ("administrator of Prod", "viewer of Prod"):
        answer = sign_in(who).get(LIST)
        assert "Not for you to see" in text_of(answer)
        assert "Ours only" not in text_of(answer)
    assert "Ours only" not in text_of(sign_in("stranger").get(LIST))
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(LIST))
    client = sign_in("administrator of Prod")
    assert client.get(NEW).status_code == 403
    assert client.get(page(route)).status_code == 404
    assert client.post(page(route, "delete")).status_code == 404


def test_a_route_is_made_for_the_organization_that_is_named(sign_in, world, form):
    other = OrganizationFactory(name="Aside")
    GrantFactory(user=world.person("administrator"), role=Role.ADMINISTRATOR, organization=other)
    client = sign_in("administrator")
    assert client.get(f"{NEW}?organization={world.theirs.uid}").status_code == 404
    assert client.get(f"{NEW}?organization=x").status_code == 400
    assert client.post(f"{NEW}?organization={other.uid}", form).status_code == 422
    assert client.post(f"{NEW}?organization={world.ours.uid}", form).status_code == 302
    assert Route.objects.get().organization == world.ours
    assert Connection.objects.get().organization == world.ours
