"""The feed of what happened, followed by a cursor."""

import pytest
from django.utils import timezone

from accounts.models import AccountEvent
from accounts.services.accounts import account_exclude, account_include
from findings.models import FindingEvent, TicketStatus, Workflow
from findings.services.ticket_moves import SaidMove, ticket_move
from findings.services.tickets import ticket_comment, ticket_open
from findings.services.workflow import finding_move
from tests.portal.api.conftest import with_token


def follow(caller, path="events/", **query):
    """All events from there on, and the link to go on with."""
    found, answer = [], caller.get(path.partition("/api/v1/")[2] or path, **query)
    while True:
        found += answer.results
        assert answer.body["previous"] is None
        if not answer.body["next"]:
            return found, answer.body["resume"]
        answer = caller.get(answer.body["next"].partition("/api/v1/")[2])


def types(events):
    return [event["type"] for event in events]


def move(world, account, to=Workflow.TRIAGED):
    person, finding = world.person("contributor"), world.finding(account)
    finding_move(actor=person, finding=finding, to=to, note="seen", now=timezone.now())


def test_it_begins_with_the_oldest_and_goes_on_where_it_was(api, world):
    caller = api("viewer")
    events, resume = follow(caller)
    assert types(events) == ["finding.opened"] * 2
    assert follow(caller, resume)[0] == []
    move(world, world.shop)
    account_exclude(actor=None, account=world.sandbox, reason="old", now=timezone.now())
    events, resume = follow(caller, resume)
    assert types(events) == ["finding.workflow", "account.excluded"]
    told = events[0]
    assert told["finding"] == str(world.finding().uid)
    assert (told["account_id"], told["actor"]) == (world.shop.account_id, "contributor")
    assert (told["before"], told["after"]) == ({"workflow": "new"}, {"workflow": "triaged"})
    assert (events[1]["finding"], events[1]["account"]) == (None, str(world.sandbox.uid))
    assert follow(caller, resume)[0] == []


def test_pages_neither_repeat_nor_leave_out(api, world):
    for to in (Workflow.TRIAGED, Workflow.IN_PROGRESS, Workflow.FIX_CLAIMED):
        move(world, world.shop, to)
        account_exclude(actor=None, account=world.shop, reason="old", now=timezone.now())
        account_include(actor=None, account=world.shop, now=timezone.now())
    for size in (1, 2, 4, 500):
        events, _ = follow(api("viewer"), page_size=size)
        assert len({event["id"] for event in events}) == len(events) == 11
        assert sorted(events, key=lambda event: event["at"]) == events


def test_each_sees_the_events_of_what_they_see(api, world):
    account_exclude(actor=None, account=world.sandbox, reason="old", now=timezone.now())
    seen = {who: follow(api(who))[0] for who in ("viewer", "viewer of Prod", "stranger", "nobody")}
    assert {who: len(events) for who, events in seen.items()} == {
        "viewer": 3, "viewer of Prod": 1, "stranger": 1, "nobody": 0,
    }  # fmt: skip
    token = with_token(world.person("viewer"), ("read",), ous=[world.dev])
    assert types(follow(token)[0]) == ["finding.opened", "account.excluded"]


def test_what_would_name_other_places_or_people_is_left_out(api, world):
    for kind, before in (("moved", "Dev"), ("email_changed", "a@example.com")):
        AccountEvent.objects.create(
            account=world.shop, kind=kind, at=timezone.now(), before=before, after="x"
        )
    told = {
        who: {event["type"]: event["before"] for event in follow(api(who), types=CHANGES)[0]}
        for who in ("viewer", "contributor", "contributor of Prod")
    }
    assert told == {
        "viewer": {"account.moved": "Dev", "account.email_changed": None},
        "contributor": {"account.moved": "Dev", "account.email_changed": "a@example.com"},
        "contributor of Prod": {"account.moved": None, "account.email_changed": "a@example.com"},
    }


CHANGES = "account.moved,account.email_changed"


def test_what_happens_to_tickets_is_told_to_each_as_far_as_they_see_it(api, world):
    caller = api("viewer")
    _, resume = follow(caller)
    findings = [world.finding(account) for account in (world.shop, world.sandbox)]
    ticket = ticket_open(actor=world.person("contributor"), findings=findings, now=timezone.now())
    done = SaidMove(status=TicketStatus.DONE)
    ticket_move(actor=None, ticket=ticket, move=done, now=timezone.now())
    ticket_comment(actor=None, ticket=ticket, body="Look.", now=timezone.now())
    told = {event["type"]: event for event in follow(caller, resume, types=OF_TICKETS)[0]}
    assert list(told) == OF_TICKETS.split(",")
    assert {event["ticket"] for event in told.values()} == {str(ticket.uid)}
    assert told["ticket.opened"]["after"] == {"findings": 2}
    assert told["ticket.opened"]["actor"] == "contributor"
    assert told["ticket.claimed"]["after"]["claimed"] == 2
    token = with_token(world.person("viewer"), ("read",), ous=[world.prod])
    for part in (token, api("viewer of Prod")):
        events = follow(part, types=OF_TICKETS)[0]
        assert types(events) == list(told)
        assert [event["after"] for event in events] == [
            {}, {"status": "done", "wont_do": False}, {}, {}
        ]  # fmt: skip
    for who in ("stranger", "nobody"):
        assert follow(api(who), types=OF_TICKETS)[0] == []


OF_TICKETS = "ticket.opened,ticket.moved,ticket.claimed,ticket.commented"


def test_types_narrow_it(api, world):
    move(world, world.shop)
    assert types(follow(api("viewer"), types="finding.workflow")[0]) == ["finding.workflow"]
    assert follow(api("viewer"), types="account.left")[0] == []


def test_it_may_begin_now(api, world):
    caller = api("viewer")
    events, resume = follow(caller, start="now")
    assert events == []
    move(world, world.shop)
    assert types(follow(caller, resume)[0]) == ["finding.workflow"]


def test_an_organization_that_is_new_to_the_caller_is_told_from_its_beginning(api, world):
    caller = api("viewer")
    _, resume = follow(caller)
    FindingEvent.objects.filter(organization=world.theirs).update(kind="changed")
    world.person("viewer").grants.create(role="viewer", organization=world.theirs)
    assert types(follow(caller, resume)[0]) == ["finding.changed"]


def test_a_cursor_tells_nothing_and_cannot_be_made_up(api, world):
    caller = api("viewer of Prod")
    _, resume = follow(caller)
    cursor = resume.partition("cursor=")[2]
    for made_up in ("x", cursor[:-4], "W10", "\u00e9", "\x00", ""):
        answer = caller.get("events/", cursor=made_up)
        assert (answer.status, list(answer.errors)) == (400, ["cursor"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"types": "finding.eaten"}, "types"),
        ({"start": "tomorrow"}, "start"),
        ({"page_size": "0"}, "page_size"),
        ({"type": "finding.opened"}, "type"),
    ],
)
def test_what_makes_no_sense_is_named(api, query, field):
    answer = api("viewer").get("events/", **query)
    assert (answer.status, list(answer.errors)) == (400, [field])
