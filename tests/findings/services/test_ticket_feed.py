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
    Suppression,
    Ticket,
    TicketFeed,
    TicketStatus,
)
from findings.services.routes import route_release
from findings.services.suggestions import (
    suggestions_accept,
    suggestions_dismiss,
    suggestions_of,
    suggestions_restore,
)
from findings.services.ticket_feed import BATCH, findings_follow
from findings.services.ticket_moves import SaidMove, ticket_move, ticket_return
from findings.services.tickets import TicketRefused, ticket_open
from tests.factories.accounts import person_with
from tests.factories.tickets import ConnectionFactory, RouteFactory
from tests.findings.services.lab import Lab, box, denied, finding, only
from tests.modules import rows_for_a_module

pytestmark = pytest.mark.django_db
DONE = SaidMove(status=TicketStatus.DONE)


@pytest.fixture(scope="module")
def scanned(django_db_setup, django_db_blocker):
    with rows_for_a_module(django_db_blocker):
        lab = Lab(registry=only("box_is_sealed"))
        lab.scan(box(), box("b"))
        lab.wait(days=1)
        yield lab


@pytest.fixture
def lab(scanned, db):
    return scanned.again()


@pytest.fixture
def person(lab):
    return person_with(Role.CONTRIBUTOR, organization=lab.organization)


def follow(lab):
    while findings_follow(organization=lab.organization, now=lab.now):
        pass


def scan(lab, *boxes, **more):
    lab.wait(days=1).scan(*boxes, **more)
    follow(lab)


def by_hand(lab, *names):
    found = [finding(resource=name) for name in names or ("a",)]
    return ticket_open(actor=None, findings=found, now=lab.now)


def move(lab, ticket, said=DONE, actor=None):
    lab.wait(hours=1)
    return ticket_move(actor=actor, ticket=ticket, move=said, now=lab.now)


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def kinds(ticket):
    return [event.kind for event in ticket.events.order_by("number")]


def open_box(name="a"):
    return box(name, is_sealed=False)


def test_done_is_a_claim_that_a_passing_scan_resolves(lab, person):
    scan(lab, open_box(), box("b"))
    ticket = move(lab, by_hand(lab), actor=person)
    assert (ticket.status, ticket.is_live, finding().is_open) == ("done", True, True)
    episode = Episode.objects.open().get()
    assert episode.workflow == "fix_claimed"
    asked = Scan.objects.get(trigger="claim")
    assert asked.selection == {
        "accounts": [lab.account.account_id],
        "regions": ["eu-west-1"],
        "rows": ["O2"],
    }
    scan(lab, box(), box("b"))
    ticket = fresh(ticket)
    assert (ticket.status, ticket.is_live, ticket.findings_verified) == ("done", False, 1)
    assert kinds(ticket) == ["opened", "moved", "claimed", "closed"]
    with pytest.raises(TicketRefused, match="a scan verified it"):
        move(lab, ticket, SaidMove(status=TicketStatus.TODO))


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


@pytest.mark.one_database
def test_unknown_leaves_a_claim_as_it_is(lab):
    scan(lab, open_box(), box("b"))
    ticket = move(lab, by_hand(lab))
    scan(lab, facts={"lab.box": denied()})
    assert (fresh(ticket).status, fresh(ticket).is_live) == ("done", True)
    assert not ticket.comments.exists()


@pytest.mark.one_database
def test_a_second_claim_before_the_scan_asks_for_no_second_one(lab):
    scan(lab, open_box(), box("b"))
    ticket = move(lab, by_hand(lab))
    move(lab, ticket, SaidMove(status=TicketStatus.IN_PROGRESS))
    assert Episode.objects.open().get().workflow == "in_progress"
    move(lab, ticket)
    assert Scan.objects.filter(trigger="claim").count() == 1


@pytest.mark.one_database
def test_a_claim_on_what_is_not_scanned_is_still_a_claim(lab):
    scan(lab, open_box(), box("b"))
    ticket = by_hand(lab)
    lab.account.excluded, lab.account.excluded_reason = True, "mine"
    lab.account.save()
    move(lab, ticket)
    assert Episode.objects.open().get().workflow == "fix_claimed"
    assert ticket.events.get(kind="claimed").after == {"claimed": 1, "scan": None}


def test_wont_do_asks_for_a_suppression_and_closes_nothing(lab, person):
    scan(lab, open_box(), box("b"))
    ticket = move(lab, by_hand(lab))
    refused = SaidMove(status=TicketStatus.DONE, wont_do=True, reason=" A sandbox. ")
    ticket = move(lab, ticket, refused, actor=person)
    assert (ticket.wont_do, ticket.is_live, finding().is_open) == (True, True, True)
    assert Episode.objects.open().get().workflow == "in_progress"
    assert ticket.comments.get().body == "Will not be done: A sandbox."
    asked = Suppression.objects.get()
    assert (asked.finding, asked.reason, asked.asked_by) == (finding(), "A sandbox.", person)
    assert asked.is_approved is None
    scan(lab, open_box(), box("b"))
    assert fresh(ticket).wont_do
    ticket = ticket_return(actor=person, ticket=ticket, note="It is no sandbox.", now=lab.now)
    assert (ticket.status, ticket.wont_do) == ("todo", False)
    assert kinds(ticket) == ["opened", "moved", "claimed", "moved", "refused", "returned"]
    with pytest.raises(TicketRefused, match="waits for nothing"):
        ticket_return(actor=person, ticket=ticket, note="", now=lab.now)


@pytest.mark.one_database
def test_work_that_begins_is_seen_on_its_findings(lab, person):
    scan(lab, open_box(), box("b"))
    move(lab, by_hand(lab), SaidMove(status=TicketStatus.IN_PROGRESS), actor=person)
    event = FindingEvent.objects.last()
    assert (event.actor, event.after) == (person, {"workflow": "in_progress"})
    assert event.note.startswith("In ticket #")


@pytest.mark.one_database
def test_only_who_contributes_moves_and_a_tracker_moves_its_own(lab):
    scan(lab, open_box(), box("b"))
    viewer = person_with(Role.VIEWER, organization=lab.organization)
    ticket = by_hand(lab)
    with pytest.raises(Denied):
        move(lab, ticket, actor=viewer)
    with pytest.raises(Denied):
        ticket_return(actor=viewer, ticket=ticket, note="", now=lab.now)
    Ticket.objects.update(connection=ConnectionFactory(organization=lab.organization))
    with pytest.raises(TicketRefused, match="Cairn follows it there"):
        move(lab, ticket)


def test_a_regression_opens_the_ticket_again_twice_and_then_a_new_one_that_names_it(lab):
    scan(lab, open_box(), box("b"))
    ticket = by_hand(lab)
    for _ in range(2):
        scan(lab, box(), box("b"))
        assert not fresh(ticket).is_live
        scan(lab, open_box(), box("b"))
        assert (fresh(ticket).is_live, fresh(ticket).status) == (True, "todo")
    told = [kind for kind in kinds(ticket) if kind != "changed"]
    assert told == ["opened", "closed", "reopened", "closed", "reopened"]
    scan(lab, box(), box("b"))
    scan(lab, open_box(), box("b"))
    assert not fresh(ticket).is_live
    new = Ticket.objects.live().get()
    assert new.predecessor == ticket
    assert f"Follows: #\u2060{ticket.pk}" in new.desired["block"]


@pytest.mark.one_database
def test_a_calm_ticket_is_opened_again_however_often_over_months(lab):
    scan(lab, open_box(), box("b"))
    ticket = by_hand(lab)
    for _ in range(4):
        scan(lab.wait(days=10), box(), box("b"))
        scan(lab.wait(days=10), open_box(), box("b"))
    assert Ticket.objects.get() == ticket


def test_what_fails_again_in_a_live_ticket_stays_in_it(lab):
    scan(lab, open_box(), open_box("b"))
    ticket = by_hand(lab, "a", "b")
    scan(lab, box(), open_box("b"))
    scan(lab, open_box(), open_box("b"))
    ticket = fresh(ticket)
    assert (ticket.findings_total, ticket.findings_open, ticket.is_live) == (2, 2, True)
    assert Ticket.objects.count() == 1


def auto(lab, **fields):
    return RouteFactory(
        organization=lab.organization,
        **{"auto_since": lab.now, "grouping": Route.Grouping.CHECK_TEAM, **fields},
    )


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


@pytest.mark.one_database
def test_what_leaves_the_scope_closes_and_what_returns_opens(lab):
    scan(lab, open_box(), box("b"))
    ticket = by_hand(lab)
    scan(lab, box(is_sealed=False, label="sample"), box("b"))
    assert not fresh(ticket).is_live
    assert fresh(ticket).findings_verified == 0
    scan(lab, open_box(), box("b"))
    assert fresh(ticket).is_live
    assert Ticket.objects.count() == 1
