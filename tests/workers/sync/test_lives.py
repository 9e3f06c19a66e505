"""A finding's way through a tracker, from the scan that finds it to the one that verifies it."""

import pytest

from findings.models import Episode, Scan, Ticket
from tests.trackers.conftest import fake_of
from tests.trackers.fakes.server import serving
from tests.workers.sync.conftest import SQLITE_ALONE
from tests.workers.sync.site import ScannedSite


@pytest.fixture(
    scope="module", params=["jira_cloud", pytest.param("github_app", marks=SQLITE_ALONE)]
)
def served(request, app_key):
    with serving(fake_of(request.param, app_key)) as fake:
        yield request.param, fake


@pytest.fixture
def site(db, lab):
    return ScannedSite(lab).scan(a=False).tick()


def test_a_failing_check_is_an_issue_and_a_claim_is_verified_by_a_scan(site):
    ticket, name = site.ticket, site.name
    assert (ticket.route, ticket.external_id) == (site.route, name)
    site.assert_level(ticket)
    site.wait(hours=1).claim(name)
    site.deliver(name)
    site.tick()
    assert (site.ticket.status, site.ticket.is_live) == ("done", True)
    assert Episode.objects.open().get().workflow == "fix_claimed"
    assert Scan.objects.get(trigger="claim").selection["regions"] == ["eu-west-1"]
    site.scan(a=True).drain()
    ticket = site.ticket
    assert (ticket.is_live, ticket.findings_verified) == (False, 1)
    site.assert_level(ticket)
    assert "1 of 1 verified" in site.remote(ticket).description
    site.assert_quiet()


def test_without_any_delivery_the_poll_is_enough(site):
    site.poll().wait(hours=1).claim(site.name)
    site.poll()
    assert Episode.objects.open().get().workflow == "fix_claimed"
    site.wait(hours=1).scan().drain()
    remote = site.remote(site.ticket)
    assert remote.status_category.value != "done"
    assert "It still fails here" in remote.comments[0].body
    assert Episode.objects.open().get().rejected_claims == 1
    site.wait(hours=1).claim(site.name)
    site.poll().scan(a=True).drain()
    assert not site.ticket.is_live
    site.assert_level(site.ticket)
    site.assert_quiet()


def test_evidence_closes_an_issue_and_a_regression_opens_it_again(site):
    site.wait(hours=1).scan(a=True).drain()
    site.assert_level(site.ticket)
    assert site.remote(site.ticket).status_category.value == "done"
    site.wait(days=1).scan(a=False).drain()
    assert site.ticket.is_live
    site.assert_level(site.ticket)
    assert site.remote(site.ticket).status_category.value != "done"
    assert site.fake.made == 1
    site.assert_quiet()


def test_what_fails_anew_after_its_issue_was_deleted_is_another_issue(site):
    site.poll().wait(hours=1)
    name = site.name
    site.fake.delete(name)
    site.deliver(name)
    site.tick().drain()
    assert site.ticket.detached_at
    site.scan().wait(days=2).poll().scan(a=True).drain()
    assert (site.fake.made, site.ticket.is_live) == (1, False)
    site.scan(a=False).drain()
    site.assert_level(Ticket.objects.get(detached_at=None))
    assert site.fake.made == 2
