"""The incidents of the demo, from before they began to the day on which one of them comes back.

The days are those of the simulated organization, the API and all services are real. The scans are
made once; every test looks at one side of what they left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from accounts.roles import Role
from accounts.services.grants import grant_give
from accounts.services.tokens import token_issue
from findings.catalogue.pillar import Row
from findings.models import ActionItem, Episode, IncidentEvent, Learning, Scan, Ticket
from findings.packing import unpack_calls
from portal.demo.client import Api, ApiRefused, Reply
from portal.demo.past import look_back
from portal.demo.story import FirstLook, LeftOut, read_story
from portal.demo.telling import Teller, sentences
from portal.demo.world import read_world
from simulator.days import Change
from tests.flow.harness import Demo, for_a_module, row_counts, work_through
from tests.portal.demo.conftest import checks_of_the_story, world_of_the_story
from workers.tasks.incidents import follow_guards

pytestmark = pytest.mark.django_db

NETWORK, STAGING, MOBILE = "100000000010", "100000000012", "100000000019"
RECORDERS = "config.recorders"
CHANGES = (
    Change(day=4, facet=RECORDERS, variant="recording", account=NETWORK),
    Change(day=5, facet=RECORDERS, variant="nowhere", account=MOBILE),
)


@dataclass
class Tale:
    demo: Demo
    teller: Teller

    def move_on(self, day: int) -> None:
        self.demo.world.move_to_day(day)
        self.demo.sync()

    def end_of_day(self) -> tuple[dict[str, str], str]:
        """What scans and guards made of it: title -> state of the action items, the learning."""
        work_through()
        follow_guards()
        states = {item["title"].split()[4]: item["state"] for item in self.teller.items()}
        return states, Learning.objects.get(incident__number=2).state


def through_the_test_client(method: str, path: str, body: bytes | None, headers: Any) -> Reply:
    answer = Client().generic(
        method, path, body or b"", content_type=headers["Content-Type"], headers=headers
    )
    return Reply(
        status=answer.status_code, body=answer.content, etag=answer.headers.get("ETag", "")
    )


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any) -> Iterator[Tale]:
    """Three accounts were scanned weeks ago, and the incidents are told; rolled back at the end."""
    now = timezone.now()
    with for_a_module(django_db_blocker), world_of_the_story(now, changes=CHANGES) as demo:
        look(demo, read_story().first_look)
        teller = teller_of(demo, now)
        teller.tell()
        yield Tale(demo, teller)


def look(demo: Demo, first_look: FirstLook) -> None:
    look_back(
        look=first_look,
        world=read_world(demo.url),
        url=demo.url,
        organization=demo.organization,
        hub=demo.hub,
        registry=checks_of_the_story(),
    )


def teller_of(demo: Demo, now: datetime) -> Teller:
    user = User.objects.create_user("demo")
    grant_give(
        actor=None, role=Role.ADMINISTRATOR, organization=demo.organization, user=user, now=now
    )
    scopes = ["read", "incidents:write"]
    issued = token_issue(actor=None, user=user, name="t", days=1, scopes=scopes, now=now)
    return Teller(
        api=Api(through_the_test_client, issued.plaintext),
        story=read_story(),
        organization=str(demo.organization.uid),
        owner="demo",
        now=now,
    )


def test_the_first_look_lies_weeks_back_and_so_does_all_that_it_found(told):
    (scan,) = Scan.objects.all()
    ago = told.teller.story.first_look.ago
    instants = {scan.requested_at, scan.started_at, scan.finished_at}
    instants |= set(Episode.objects.values_list("opened_at", flat=True))
    for shard in scan.shards.select_related("call_log").exclude(collected_at=None):
        calls = unpack_calls(bytes(shard.call_log.body)) if hasattr(shard, "call_log") else []
        instants |= {shard.collected_at, *(datetime.fromisoformat(call["at"]) for call in calls)}
    assert len(instants) > 10
    assert all(at < told.teller.now - ago + timedelta(minutes=10) for at in instants)
    world = told.demo.world
    assert world.epoch == told.teller.now
    assert world.clock() >= told.teller.now


def test_what_was_known_is_told_by_history_and_not_by_the_story(told):
    blind, foreseen = told.teller.outcome()
    assert foreseen["foresight"] == {"foreseen_open": 2}
    assert foreseen["days_of_warning"] >= 21
    assert blind["foresight"] == {"blind_not_collected": 1}
    assert (foreseen["analysis"], blind["analysis"]) == ("published", "in_review")
    assert foreseen["action_items"] == {"open": 2}
    days = foreseen["days_of_warning"]
    assert sentences([blind, foreseen]) == (
        f"INC-1: blind: not collected. INC-2: foreseen open for {days} days; action items: 2 open."
    )
    incident = told.teller.api.first("incidents/", external_reference="demo-route")
    opened = told.teller.api.get(f"incidents/{incident['uid']}/open-then/")
    of_check = [one for one in opened if one["check_id"] in incident["checks"]]
    assert {one["account_id"] for one in of_check} == {NETWORK, MOBILE}
    assert incident["seconds"]["to_mitigate"] == 71 * 60


def test_the_story_told_again_records_nothing(told):
    before = row_counts()
    told.teller.tell()
    assert row_counts() == before


def test_a_story_that_was_broken_off_is_told_to_its_end(told, monkeypatch):
    """Every call of a first telling may be the last; the next one finds what there is."""
    whole = told.teller.outcome()
    ActionItem.objects.all().delete()
    Learning.objects.all().delete()
    told.teller.tell()
    assert told.teller.outcome() == whole


@pytest.fixture
def days(told):
    """Whatever day a test moves the world to, the next one begins on day 1."""
    yield told.move_on
    told.demo.world.move_to_day(1)


def test_scans_verify_one_and_reject_one_and_a_guard_that_fails_again_reopens_the_learning(
    told, days
):
    days(3)
    scans = told.teller.claim()
    assert len(scans) == Ticket.objects.count() == 2
    assert told.end_of_day() == ({"mobile-prod": "verified", "the": "open"}, "open")
    assert told.teller.outcome()[1]["action_items"] == {"verified": 1, "rejected": 1}
    assert [bool(ticket.closed_at) for ticket in Ticket.objects.order_by("id")] == [True, False]
    assert told.teller.claim() == []  # what was refuted is for people to claim again

    days(4)
    network = next(item for item in told.teller.items() if item["state"] == "open")
    told.teller.api.post(f"action-items/{network['uid']}/claim/")
    assert told.end_of_day() == ({"mobile-prod": "verified", "the": "verified"}, "guarded")
    assert not Ticket.objects.filter(closed_at=None).exists()

    days(5)
    told.demo.request(accounts=[MOBILE], rows=[Row.CONFIGURATION])
    assert told.end_of_day() == ({"mobile-prod": "open", "the": "verified"}, "regressed")
    kinds = list(IncidentEvent.objects.order_by("number").values_list("kind", flat=True))[-2:]
    assert sorted(kinds) == ["action_regressed", "regressed"]


def test_a_world_without_the_accounts_of_the_story_is_left_alone(told):
    before = row_counts()
    strange = FirstLook(days_ago=30, accounts=(MOBILE, "100000009999"))
    with pytest.raises(LeftOut, match="100000009999"):
        look(told.demo, strange)
    assert row_counts() == before
    assert told.demo.world.epoch == told.teller.now


def test_what_the_api_refuses_is_told_in_its_own_words(told):
    with pytest.raises(ApiRefused, match=r"incidents/: 400 .*external_reference"):
        told.teller.api.post("incidents/", {"external_reference": "x" * 300})
