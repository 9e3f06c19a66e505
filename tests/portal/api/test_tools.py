import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEntry
from findings.models import DeclaredTool
from tests.factories.accounts import OuFactory, TeamFactory
from tests.factories.findings import DeclaredToolFactory
from tests.portal.api.conftest import badly_refused

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today():
    with time_machine.travel("2026-03-02 09:00:00", tick=False):
        yield


@pytest.fixture
def team(world):
    return TeamFactory(organization=world.ours, name="platform")


@pytest.fixture
def body(world, team):
    return {
        "organization": str(world.ours.uid),
        "kind": "tracing",
        "name": "Datadog",
        "owner_team": "platform",
        "reason": "every service is traced there",
        "ends_on": "2026-12-31",
    }


def test_an_administrator_declares_one_for_the_whole_organization(api, body):
    answer = api("administrator").post("tools/", body)
    assert answer.status == 201
    told = {"starts_on": "2026-03-02", "state": "active", "ou": None, "account_id": None}
    assert answer.body.items() >= {**body, **told, "owner": None, "ended_at": None}.items()
    assert "lambda_tracing_active" in answer.body["checks"]
    assert AuditEntry.objects.get().action == "tool.declare"


def test_it_is_declared_for_an_ou_or_an_account(api, body, world):
    caller = api("administrator")
    assert caller.post("tools/", body | {"ou": "Prod"}).body["ou"] == "Prod"
    of_account = {"account_id": world.shop.account_id, "owner_team": None, "owner": "viewer"}
    world.person("viewer")
    answer = caller.post("tools/", body | of_account)
    assert answer.body.items() >= of_account.items()


BAD_INPUT = [
    ({"kind": "magic"}, "kind", "not a valid choice"),
    ({"name": ""}, "name", "may not be blank"),
    ({"reason": ""}, "reason", "may not be blank"),
    ({"ends_on": None}, "ends_on", "may not be null"),
    ({"ends_on": "soon"}, "ends_on", "Date has wrong format"),
    ({"ends_on": "2027-03-03"}, "ends_on", "At most a year after the first day"),
    ({"ends_on": "9999-12-31"}, "ends_on", "At most a year after the first day"),
    ({"starts_on": "0001-01-01", "ends_on": "0001-01-01"}, "ends_on", "This day is over"),
    ({"ends_on": "2026-03-01", "starts_on": "2026-02-01"}, "ends_on", "This day is over"),
    ({"ends_on": "2026-03-01"}, "", "The last day is before the first"),
    ({"owner_team": None}, "", "Name a team or a person who answers for it"),
    ({"owner_team": "nobody's"}, "owner_team", "You see none that is called"),
    ({"owner": "stranger"}, "owner", "You see none that is called"),
    ({"owner": "administrator"}, "", "to a team or to a person, not to both"),
    ({"ou": "Nowhere"}, "ou", "You see none that is called 'Nowhere'"),
    ({"account_id": "1"}, "account_id", "12 digits"),
    ({"account_id": "999999999999"}, "account_id", "You see none that is called"),
    ({"tool": "x"}, "tool", "There is no such field"),
]


def test_bad_input_is_told_by_field_and_saves_nothing(api, world, body):
    world.person("stranger")
    caller = api("administrator")

    def declare(changes):
        return caller.post("tools/", body | changes)

    assert badly_refused(declare, BAD_INPUT, DeclaredTool) == {}


def test_an_ou_of_which_there_are_two_is_not_guessed(api, body, world):
    OuFactory(organization=world.ours, name="Prod")
    answer = api("administrator").post("tools/", body | {"ou": "Prod"})
    assert answer.errors == {"ou": "Several are called 'Prod'."}


def test_what_is_not_administered_is_refused_before_anything_is_looked_up(api, body, world):
    caller = api("contributor")
    for change in ({}, {"ou": "Prod"}, {"owner": "stranger"}):
        assert caller.post("tools/", body | change).status == 403
    assert api("stranger").post("tools/", body).status == 404


def test_one_is_ended_once(api, world):
    tool = DeclaredToolFactory(organization=world.ours)
    caller, path = api("administrator"), f"tools/{tool.uid}/end/"
    answer = caller.post(path)
    assert (answer.status, answer.body["state"]) == (200, "ended")
    assert answer.body["ended_at"] == "2026-03-02T09:00:00Z"
    again = caller.post(path)
    assert again.status == 409
    assert "has ended already" in again.body["detail"]


def test_everybody_sees_those_of_what_they_see(api, world):
    for name, scope in {
        "of all": {},
        "of Prod": {"ou": world.prod},
        "of Dev": {"ou": world.dev},
        "of sandbox": {"account": world.sandbox},
    }.items():
        DeclaredToolFactory(organization=world.ours, name=name, **scope)
    seen = {
        who: {tool["name"] for tool in api(who).get("tools/").results}
        for who in ("viewer", "viewer of Prod", "stranger")
    }
    assert seen == {
        "viewer": {"of all", "of Prod", "of Dev", "of sandbox"},
        "viewer of Prod": {"of all", "of Prod"},
        "stranger": set(),
    }


def test_filters_and_states(api, world):
    day = dt.date(2026, 3, 2)
    for name, starts, ends in (("old", -30, -1), ("now", 0, 0), ("soon", 1, 9)):
        DeclaredToolFactory(
            organization=world.ours,
            name=name,
            kind="delivery" if name == "soon" else "tracing",
            starts_on=day + dt.timedelta(days=starts),
            ends_on=day + dt.timedelta(days=ends),
        )
    caller = api("viewer")
    states = {tool["name"]: tool["state"] for tool in caller.get("tools/").results}
    assert states == {"old": "lapsed", "now": "active", "soon": "planned"}
    assert [t["name"] for t in caller.get("tools/", kind="delivery").results] == ["soon"]
    assert [t["name"] for t in caller.get("tools/", name="now").results] == ["now"]
    assert caller.get("tools/", organization=world.theirs.uid).results == []
