"""What goes wrong on the way leaves one issue, both sides level, and then silence."""

import datetime as dt

import pytest

from findings.models import Alert, Connection, OutboxMessage
from findings.services.routes import route_save
from findings.services.tickets import ticket_comment
from findings.ticketing.block import marker_of

MINUTE = dt.timedelta(minutes=1)


def well(site):
    site.drain()
    site.assert_level(site.ticket)
    assert site.fake.made == 1
    site.assert_quiet()


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("said", [None, 502])
def test_a_create_of_which_no_answer_comes_makes_one_issue(site, said, is_done):
    site.fake.search_lag = dt.timedelta(seconds=50)
    site.fake.fails("POST", site.wired.create_part(), said, after=is_done)
    site.open()
    site.tick()
    assert site.ticket.external_id == ""
    well(site)


def test_every_other_write_of_which_no_answer_comes_is_done_once(site):
    ticket = site.open()
    site.tick()
    for method, part in (("PUT", "/issue"), ("PATCH", "/issue"), ("POST", "/comment")):
        site.fake.fails(method, part, after=True)
    site.fake.fails("POST", "/transitions", after=True)
    ticket_comment(actor=None, ticket=ticket, body="Look.", now=site.now)
    site.wait(hours=1).judge(ticket, passes=True)
    well(site)
    left = [fault for fault in site.fake.faults if fault.times]
    assert len(left) <= 2  # those of the other tracker
    assert site.remote(site.ticket).status_category.value == "done"


def test_ten_minutes_of_429_are_waited_for_in_silence(site):
    end = site.fake.now + 10 * MINUTE

    def limited(asked):
        left = (end - site.fake.now).total_seconds()
        if left > 0:
            headers = {"Retry-After": str(int(left))}
            site.fake.fails(asked.method, asked.path, 429, headers=headers)

    site.fake.before_call = limited
    for _ in range(3):
        ticket = site.open()
    for _ in range(9):
        site.tick().poll().wait(minutes=1)
    assert len(site.fake.asked) <= 3
    assert Connection.objects.get(pk=site.connection.pk).breaker_until
    site.wait(minutes=2).drain()
    assert site.fake.made == 3
    ticket.refresh_from_db()
    site.assert_level(ticket)
    site.assert_quiet()
    assert not Alert.objects.exists()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_access_that_is_lost_for_a_day_detaches_nothing(site, status):
    site.open()
    site.tick().poll()
    site.fake.before_call = lambda asked: site.fake.fails(asked.method, asked.path, status)
    for _ in range(8):
        site.deliver(site.name)
        site.tick().poll().wait(hours=3)
    assert site.ticket.detached_at is None
    assert Alert.objects.active().exists()
    site.fake.before_call = lambda asked: None
    site.fake.faults.clear()
    well(site)
    assert not Alert.objects.active().exists()


def test_a_field_that_is_required_for_a_while_is_shown_and_then_it_goes_on(site):
    message = (
        {"errors": {"customfield_1": "Cost centre is required."}} if site.wired.is_jira else {}
    )
    message |= {"message": "Validation Failed", "errorMessages": []}
    site.fake.fails("POST", site.wired.create_part(), 422, body=message, times=2)
    site.open()
    site.tick()
    assert site.ticket.blocked_reason
    site.route.field_map = {"customfield_1": "77"}
    site.fake.create_fields = {"customfield_1": {"name": "Cost centre", "required": False}}
    route_save(actor=None, route=site.route, now=site.now)
    site.tick()
    assert site.ticket.blocked_reason
    site.wait(hours=1, minutes=1).tick()
    assert site.ticket.blocked_reason == ""
    well(site)


def test_an_issue_that_a_restored_database_forgot_is_found_again(site):
    ticket = site.open()
    site.tick().wait(hours=1)
    type(ticket).objects.update(external_id="", key="", base=None, pushed_version=0)
    OutboxMessage.objects.create(ticket=ticket, kind="push", asked_at=site.now, not_before=site.now)
    well(site)
    assert marker_of(ticket.uid) in site.remote(site.ticket).description
