"""The demo's part in its story: over HTTP, with the user, the token and the days of the demo."""

from dataclasses import replace

import pytest
from django.utils import timezone
from rich.console import Console

from accounts.models import ApiToken
from findings.models import Incident, Scan
from findings.planning import Selection
from findings.services.scans import scan_request
from portal.demo import incidents, scenario
from portal.demo.incidents import Incidents
from portal.demo.story import LeftOut
from portal.demo.world import read_world, steer
from tests.factories.accounts import AccountFactory
from tests.portal.demo.conftest import checks_of_the_story, world_of_the_story
from workers.tasks.incidents import follow_guards

# Deliveries are kept by a task that is none of this process.
pytestmark = pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored")


@pytest.fixture
def demo(transactional_db, eager_tasks, monkeypatch):
    with world_of_the_story(timezone.now()) as demo:
        for module in (incidents, scenario):
            monkeypatch.setattr(module, "process_hub", lambda: demo.hub)
        monkeypatch.setattr(incidents, "built_in", checks_of_the_story)
        scenario.demo_user()
        yield demo


@pytest.fixture
def organization(db):
    return AccountFactory().organization


@pytest.fixture
def days():
    return []


@pytest.fixture
def story(demo, days):
    return Incidents(world=read_world(demo.url), simulator=demo.url, remember=days.append)


@pytest.fixture
def scans_of_the_story(demo, story, monkeypatch):
    """In place of a full scan, one of what the story is about."""

    def scan(organization, console, *, is_shown):
        assert not is_shown
        return demo.scan(accounts=story.story.first_look.accounts, rows=["P2"])

    monkeypatch.setattr(scenario, "demo_scan", scan)


def test_the_story_is_told_once_over_http(demo, story, days, scans_of_the_story, live_server):
    assert follow_guards.name == incidents.FOLLOW_GUARDS
    organization = scenario.demo_organization(story.world)
    story.begin(organization)
    blind, foreseen = story.tell(organization, Console(quiet=True), portal=live_server.url)
    assert blind["foresight"] == {"blind_not_collected": 1}
    assert foreseen["foresight"] == {"foreseen_open": 2}
    assert foreseen["action_items"] == {"verified": 1, "rejected": 1}
    assert (days, demo.world.day, story.world.day) == ([3], 3, 3)
    assert ApiToken.objects.get().revoked_at

    scans = Scan.objects.count()
    again = Incidents(world=read_world(demo.url), simulator=demo.url, remember=days.append)
    again.begin(organization)
    told = again.tell(organization, Console(quiet=True), portal=f"{live_server.url}/")
    assert told == [blind, foreseen]
    assert (Incident.objects.count(), Scan.objects.count(), days) == (2, scans, [3])


def test_a_world_in_which_they_cannot_be_told_is_left_as_it_is(demo, story):
    organization = scenario.demo_organization(story.world)
    console = Console(quiet=True)
    with pytest.raises(LeftOut, match="nothing was scanned"):
        story.tell(organization, console)
    for world, why in (
        (replace(story.world, faults=("AccessDenied",)), "faults"),
        (steer(demo.url, day=2), "day 1"),
    ):
        with pytest.raises(LeftOut, match=why):
            replace(story, world=world).begin(organization)
    scan_request(
        actor=None,
        organization=organization,
        selection=Selection(accounts=("100000000019",), rows=("P2",)),
        trigger=Scan.Trigger.COMMAND,
        now=timezone.now(),
    )
    story.begin(organization)  # what is scanned already has its past
    with pytest.raises(LeftOut, match="nothing was scanned"):
        story.tell(organization, console)
    assert not Incident.objects.exists()


def test_what_a_stopped_demo_left_behind_is_ended(organization):
    scan = scan_request(
        actor=None,
        organization=organization,
        selection=Selection(),
        trigger=Scan.Trigger.COMMAND,
        now=timezone.now(),
    )
    scenario.end_scans(organization)
    scan.refresh_from_db()
    assert scan.state == Scan.State.CANCELLED
