import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import Alert, Route
from findings.services.route_simulation import route_simulate
from findings.services.routes import route_delete, route_save, routes_order
from findings.services.routing import Routing
from tests.factories.accounts import (
    AccountFactory,
    OrganizationFactory,
    OwnershipRuleFactory,
    TeamFactory,
    person_with,
)
from tests.factories.findings import EpisodeFactory, FindingFactory
from tests.factories.tickets import NOW, ConnectionFactory, RouteFactory, TicketFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def account(organization):
    return AccountFactory(organization=organization)


def unsaved(organization, **fields):
    given = {"name": "All", "connection": ConnectionFactory(organization=organization)}
    return Route(organization=organization, **(given | fields))


def save(organization, *, actor=None, **fields):
    return route_save(actor=actor, route=unsaved(organization, **fields), now=NOW)


def test_a_route_comes_last_and_begins_when_it_is_switched_on(organization):
    first = save(organization)
    second = save(organization, name="Second", mode=Route.Mode.AUTO, selector={"rows": ["O2"]})
    assert (first.position, second.position) == (1, 2)
    assert (first.auto_since, second.auto_since) == (None, NOW)
    second.name = "New name"
    assert route_save(actor=None, route=second, now=NOW + DAY).auto_since == NOW
    second.mode = Route.Mode.OFF
    assert route_save(actor=None, route=second, now=NOW + DAY).auto_since is None
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["route.add", "route.add", "route.change", "route.change"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"selector": {"rows": ["Z9"]}}, "Z9 is no row"),
        ({"selector": [1]}, "A selector is an object"),
        ({"severity_map": {"urgent": "1"}}, "from critical, high"),
        ({"severity_map": {"high": 1}}, "to the tracker's ids"),
        ({"status_map": ["done"]}, "from todo, in_progress, done"),
        ({"field_map": [1]}, "An object of the tracker's fields"),
        ({"labels": ["two words"]}, "words without blanks"),
        ({"max_new": 0}, "greater than or equal to 1"),
        ({"name": ""}, "cannot be blank"),
    ],
)
def test_a_wrong_route_is_told(organization, wrong, told):
    with pytest.raises(ValidationError, match=told):
        save(organization, **wrong)


def test_a_route_leads_to_a_connection_of_its_organization(organization):
    with pytest.raises(ValidationError, match="not part of the chosen organization"):
        save(organization, connection=ConnectionFactory())


def test_only_administrators_of_the_whole_organization_change_routes(organization):
    route = save(organization)
    approver = person_with(Role.APPROVER, organization=organization)
    for act in (
        lambda: save(organization, actor=approver, name="x"),
        lambda: route_delete(actor=approver, route=route, now=NOW),
        lambda: route_simulate(actor=approver, route=route, now=NOW),
        lambda: routes_order(actor=approver, organization=organization, routes=[route], now=NOW),
    ):
        with pytest.raises(Denied):
            act()


def test_a_deleted_route_leaves_its_tickets_and_takes_its_alert_along(organization):
    route = RouteFactory(organization=organization, held_at=NOW, held_reason="too many")
    Alert.objects.create(
        organization=organization,
        kind="route_held",
        subject=str(route.uid),
        message="m",
        raised_at=NOW,
    )
    ticket = TicketFactory(connection=route.connection, route=route)
    route_delete(actor=None, route=route, now=NOW)
    ticket.refresh_from_db()
    assert ticket.route is None
    assert not Alert.objects.active().exists()


def test_the_first_in_the_order_has_a_finding(organization, account):
    one, two = RouteFactory(organization=organization), RouteFactory(organization=organization)
    finding = FindingFactory(account=account)
    assert Routing(organization=organization).place(finding).route == one
    routes_order(actor=None, organization=organization, routes=[two, one], now=NOW)
    assert Routing(organization=organization).place(finding).route == two
    with pytest.raises(ValidationError, match="exactly once"):
        routes_order(actor=None, organization=organization, routes=[two], now=NOW)


def test_a_route_that_names_what_is_no_more_takes_nothing_and_stops_nobody(organization, account):
    RouteFactory(organization=organization, selector={"rows": ["Z9"]})
    sound = RouteFactory(organization=organization)
    placed = Routing(organization=organization).place(FindingFactory(account=account))
    assert placed.route == sound


def test_a_finding_is_of_who_owns_findings_like_it_else_of_who_owns_its_account(
    organization, account
):
    owner, experts = TeamFactory(organization=organization), TeamFactory(organization=organization)
    account.owner_team = owner
    OwnershipRuleFactory(team=experts, check_id="special")
    routing = Routing(organization=organization)
    assert routing.owner(FindingFactory(account=account)) == owner
    assert routing.owner(FindingFactory(account=account, check_id="special")) == experts


@pytest.mark.parametrize(
    ("grouping", "groups"), [("finding", 4), ("check_team", 2), ("account_check", 3)]
)
def test_findings_share_a_ticket_as_their_route_groups_them(
    organization, account, grouping, groups
):
    route = RouteFactory(organization=organization, grouping=grouping)
    other = AccountFactory(organization=organization)
    found = [
        FindingFactory(account=account, check_id="a"),
        FindingFactory(account=account, check_id="a"),
        FindingFactory(account=account, check_id="b"),
        FindingFactory(account=other, check_id="a"),
    ]
    routing = Routing(organization=organization)
    assert routing.place(found[0]).route == route
    assert len({routing.place(finding).key for finding in found}) == groups


def opened(account, days_ago, closed_days_ago=None, cause="new_resource", **fields):
    closed = NOW - closed_days_ago * DAY if closed_days_ago is not None else None
    EpisodeFactory(
        finding=FindingFactory(account=account, **fields),
        opened_at=NOW - days_ago * DAY,
        open_cause=cause,
        closed_at=closed,
        close_cause="out_of_scope" if closed else "",
    )


def test_a_simulation_tells_what_the_last_30_days_would_have_opened(organization, account):
    for days_ago in (1, 1, 1, 20):
        opened(account, days_ago)
    opened(account, 2, check_id="other")
    opened(account, 31)
    opened(account, 3, cause="check_changed")
    opened(AccountFactory(), 3)
    route = unsaved(organization, grouping=Route.Grouping.FINDING)
    told = route_simulate(actor=None, route=route, now=NOW)
    assert (told.tickets, told.findings, told.most_in_a_day) == (5, 5, 3)
    route.grouping = Route.Grouping.CHECK_TEAM
    told = route_simulate(actor=None, route=route, now=NOW)
    assert (told.tickets, list(told.by_key.values())) == (2, [4, 1])
    route.selector = {"checks": ["other"]}
    assert route_simulate(actor=None, route=route, now=NOW).tickets == 1
    RouteFactory(organization=organization, selector={"checks": ["other"]})
    assert route_simulate(actor=None, route=route, now=NOW).tickets == 0
    assert route.mode == Route.Mode.OFF


def test_a_simulation_opens_again_or_anew_as_the_route_would(organization, account):
    opened(account, 20, closed_days_ago=15)
    opened(account, 17, closed_days_ago=10)
    opened(account, 5)
    route = unsaved(organization, grouping=Route.Grouping.CHECK_TEAM)
    assert route_simulate(actor=None, route=route, now=NOW).tickets == 1
    route.reopen_policy = Route.ReopenPolicy.NEW
    assert route_simulate(actor=None, route=route, now=NOW).tickets == 2
