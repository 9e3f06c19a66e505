"""Tickets over the days of a small organization that is scanned again and again."""

import datetime as dt

import pytest

from accounts.access import Denied
from accounts.roles import Role
from findings.models import (
    Alert,
    Episode,
    FindingEvent,
    Route,
    Scan,
    Ticket,
    TicketFeed,
)
from findings.services.routes import route_release
from findings.services.suggestions import (
    suggestions_accept,
    suggestions_dismiss,
    suggestions_of,
    suggestions_restore,
)
from findings.services.ticket_feed import BATCH, findings_follow
from tests.factories.accounts import person_with
from tests.findings.services.following import (
    auto,
    by_hand,
    follow,
    fresh,
    kinds,
    move,
    open_box,
    scan,
    sealed_boxes,
)
from tests.findings.services.lab import Lab, box, finding, only

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scanned(django_db_setup, django_db_blocker):
    with sealed_boxes(django_db_blocker) as lab:
        yield lab


@pytest.fixture
def lab(scanned, db):
    return scanned.again()


@pytest.fixture
def person(lab):
    return person_with(Role.CONTRIBUTOR, organization=lab.organization)


@pytest.mark.one_database
def test_a_claim_that_a_scan_contradicts_goes_back_with_what_still_fails(lab):
    scan(lab, open_box(), open_box("b"))
    ticket = move(lab, by_hand(lab, "a", "b"))
    scan(lab, box(), open_box("b"))
    ticket = fresh(ticket)
    assert (ticket.status, ticket.findings_verified, ticket.findings_open) == ("in_progress", 1, 1)
    (comment,) = ticket.comments.all()
    assert comment.origin == "evidence"
    assert "1 of 2 verified" in comment.body
    assert "`b`" in comment.body
    assert "`a`" not in comment.body
    assert kinds(ticket)[-2:] == ["claim_rejected", "verified"]
    assert Episode.objects.open().get().rejected_claims == 1
    scan(lab, box(), open_box("b"))
    assert ticket.comments.count() == 1


def test_what_fails_again_in_a_live_ticket_stays_in_it(lab):
    scan(lab, open_box(), open_box("b"))
    ticket = by_hand(lab, "a", "b")
    scan(lab, box(), open_box("b"))
    scan(lab, open_box(), open_box("b"))
    ticket = fresh(ticket)
    assert (ticket.findings_total, ticket.findings_open, ticket.is_live) == (2, 2, True)
    assert Ticket.objects.count() == 1


def test_an_automatic_route_groups_what_opens_and_says_how_far_it_is(lab):
    auto(lab)
    scan(lab, open_box(), open_box("b"))
    ticket = Ticket.objects.get()
    assert (ticket.findings_total, ticket.project) == (2, "OPS")
    assert ticket.opened_in == Scan.objects.first()
    assert ticket.outbox.kind == "push"
    scan(lab, open_box(), open_box("b"), box("c"))
    scan(lab, box(), open_box("b"), open_box("c"))
    ticket = fresh(ticket)
    assert ticket.findings_total == 3
    assert "**1 of 3 verified**" in ticket.desired["block"]
    assert Ticket.objects.count() == 1


def test_the_same_events_followed_again_change_nothing(lab):
    auto(lab)
    scan(lab, open_box(), open_box("b"))
    before = list(Ticket.objects.values())
    events = list(Ticket.objects.get().events.values())
    TicketFeed.objects.update(finding_event=0)
    follow(lab)
    assert list(Ticket.objects.values()) == before
    assert list(Ticket.objects.get().events.values()) == events


def test_nothing_is_read_twice_and_nothing_left_out(lab):
    scan(lab, open_box(), open_box("b"))
    last = FindingEvent.objects.last().number
    assert TicketFeed.objects.get().finding_event == last < BATCH
    assert findings_follow(organization=lab.organization, now=lab.now) == 0


@pytest.mark.one_database
def test_what_we_caused_ourselves_opens_no_ticket_by_itself():
    lab = Lab(registry=only("box_is_sealed"))
    route = auto(lab)
    scan(lab, open_box())
    assert finding().episodes.get().open_cause == "first_collected"
    lab.registry = only("box_is_sealed", version=2)
    scan(lab, open_box())
    assert not Ticket.objects.exists()
    assert [one.worst for one in suggestions_of(route)] == [finding()]


@pytest.mark.one_database
@pytest.mark.parametrize(
    "fields",
    [
        {"mode": Route.Mode.OFF},
        {"mode": Route.Mode.SUGGEST},
        {"selector": {"rows": ["P1"]}},
        {"auto_since": dt.datetime(2027, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_a_route_that_is_not_for_it_opens_nothing(lab, fields):
    auto(lab, **fields)
    scan(lab, open_box(), box("b"))
    assert not Ticket.objects.exists()


@pytest.mark.one_database
def test_the_first_route_that_takes_a_finding_has_it(lab):
    auto(lab, position=1, mode=Route.Mode.SUGGEST, selector={"severities": ["high"]})
    auto(lab, position=2)
    scan(lab, open_box(), box("b"))
    assert not Ticket.objects.exists()


def test_a_route_that_would_open_too_many_stops_and_asks(lab):
    route = auto(lab, grouping=Route.Grouping.FINDING, max_new=1)
    administrator = person_with(Role.ADMINISTRATOR, organization=lab.organization)
    scan(lab, open_box(), open_box("b"))
    assert not Ticket.objects.exists()
    route.refresh_from_db()
    assert route.held_reason.startswith("A scan would have opened 2 tickets at once; at most 1")
    alert = Alert.objects.active().get(kind="route_held")
    assert str(route) in alert.message
    scan(lab, open_box(), open_box("b"), box("c"))
    assert route_release(actor=administrator, route=route, opens=True, now=lab.now) == 2
    assert Ticket.objects.count() == 2
    assert not Alert.objects.active().filter(kind="route_held").exists()
    scan(lab, open_box(), open_box("b"), open_box("c"))
    assert Ticket.objects.count() == 3


@pytest.mark.one_database
def test_a_held_route_may_go_on_without_what_waits(lab):
    route = auto(lab, grouping=Route.Grouping.FINDING, max_new=1)
    scan(lab, open_box(), open_box("b"), box("c"))
    assert route_release(actor=None, route=route, opens=False, now=lab.now) == 0
    scan(lab, open_box(), open_box("b"), open_box("c"))
    assert Ticket.objects.get().findings_total == 1


def test_suggestions_are_opened_by_who_contributes(lab, person):
    route = auto(lab, mode=Route.Mode.SUGGEST, grouping=Route.Grouping.FINDING)
    scan(lab, open_box(), open_box("b"))
    first, second = suggestions_of(route)
    viewer = person_with(Role.VIEWER, organization=lab.organization)
    asked = {"route": route, "suggestions": [first], "now": lab.now}
    for act in (suggestions_accept, suggestions_dismiss, suggestions_restore):
        with pytest.raises(Denied):
            act(actor=viewer, **asked)
    assert suggestions_accept(actor=person, **asked) == 1
    assert suggestions_of(route) == [second]


def test_a_dismissed_suggestion_stays_away_while_its_findings_are_open(lab, person):
    route = auto(lab, mode=Route.Mode.SUGGEST)
    scan(lab, open_box())
    asked = {"actor": person, "route": route, "now": lab.now}
    assert suggestions_dismiss(suggestions=suggestions_of(route), **asked) == 1
    assert suggestions_of(route) == []
    (dismissed,) = suggestions_of(route, dismissed=True)
    assert suggestions_dismiss(suggestions=[dismissed], **asked) == 1
    scan(lab, open_box(), open_box("b"))
    (another,) = suggestions_of(route)
    assert [finding.resource for finding in another.findings] == ["b"]
    scan(lab, box(), open_box("b"))
    scan(lab, open_box(), open_box("b"))
    (again,) = suggestions_of(route)
    assert {finding.resource for finding in again.findings} == {"a", "b"}
    assert suggestions_of(route, dismissed=True) == []


@pytest.mark.one_database
def test_what_was_dismissed_is_suggested_again_when_a_person_says_so(lab, person):
    route = auto(lab, mode=Route.Mode.SUGGEST)
    scan(lab, open_box())
    asked = {"actor": person, "route": route, "now": lab.now}
    suggestions_dismiss(suggestions=suggestions_of(route), **asked)
    dismissed = suggestions_of(route, dismissed=True)
    assert suggestions_restore(suggestions=dismissed, **asked) == 1
    assert len(suggestions_of(route)) == 1
    assert suggestions_restore(suggestions=dismissed, **asked) == 0


@pytest.mark.one_database
def test_a_route_of_new_tickets_names_the_old_one(lab):
    auto(lab, reopen_policy=Route.ReopenPolicy.NEW)
    scan(lab, open_box(), open_box("b"))
    scan(lab, box(), box("b"))
    scan(lab, open_box(), open_box("b"))
    old, new = Ticket.objects.order_by("id")
    assert (old.is_live, new.predecessor, new.findings_total) == (False, old, 2)
