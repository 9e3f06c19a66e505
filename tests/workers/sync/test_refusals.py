"""Who says in a tracker that it will not be done asks for a suppression, and hears the answer."""

import pytest

from accounts.roles import Role
from findings.checks.base import built_in
from findings.models import Suppression
from findings.services.suppressions import suppression_approve, suppression_refuse
from findings.services.ticket_refusals import refusals_follow
from tests.factories.accounts import person_with


@pytest.fixture
def refused(site):
    site.open()
    site.tick().poll().wait(hours=1)
    site.refuse(site.name)
    site.poll()
    assert site.ticket.wont_do
    return site


def follow(site):
    return refusals_follow(organization=site.account.organization, now=site.now)


def decide(site, service, **more):
    approver = person_with(Role.APPROVER, organization=site.account.organization)
    asked = Suppression.objects.latest("pk")
    service(actor=approver, suppression=asked, now=site.now, **more)


def test_a_refusal_sends_the_issue_back_with_the_reason_once(refused):
    site = refused
    assert follow(site) == 0
    decide(site, suppression_refuse, note="It is no sandbox.")
    site.wait(minutes=1)
    assert follow(site) == 1
    site.drain()
    remote = site.remote(site.ticket)
    assert remote.status_category.value != "done"
    assert "It is no sandbox." in remote.comments[-1].body
    site.assert_level(site.ticket)
    assert follow(site) == 0
    site.assert_quiet()
    site.refuse(site.name)
    site.poll()
    assert follow(site) == 0
    assert Suppression.objects.count() == 2
    decide(site, suppression_refuse, note="Still none.")
    site.wait(minutes=1)
    assert follow(site) == 1


def test_a_refusal_that_the_tracker_blocks_is_told_once(refused):
    site = refused
    decide(site, suppression_refuse, note="It is no sandbox.")
    site.wait(minutes=1)
    site.fake.fails("POST", "/transitions", 400, times=50)
    site.fake.fails("PATCH", "/issues", 422, times=50)
    assert follow(site) == 1
    site.drain()
    assert site.ticket.blocked_reason
    assert site.ticket.wont_do
    assert follow(site) == 0
    assert len(site.remote(site.ticket).comments) == 1


def test_an_approval_leaves_the_issue_closed(refused):
    site = refused
    decide(site, suppression_approve, registry=built_in())
    site.wait(minutes=1)
    assert follow(site) == 0
    site.drain()
    assert site.ticket.wont_do
    assert site.remote(site.ticket).status_category.value == "done"
    site.assert_quiet()
