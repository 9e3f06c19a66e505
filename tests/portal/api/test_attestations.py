import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEntry
from findings.models import Attestation
from tests.factories.accounts import OuFactory, TeamFactory
from tests.factories.findings import AttestationFactory
from tests.portal.api.conftest import badly_refused

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def body(world):
    TeamFactory(organization=world.ours, name="platform")
    return {
        "organization": str(world.ours.uid),
        "best_practice": "OPS01-BP01",
        "statement": "asked every quarter",
        "link": "https://wiki.example.com/minutes",
        "owner_team": "platform",
        "ends_at": "2026-12-31T00:00:00Z",
    }


def test_one_is_made_for_the_whole_organization(api, body):
    answer = api("administrator").post("attestations/", body)
    assert answer.status == 201
    told = {"starts_at": "2026-03-02T09:00:00Z", "state": "active", "weight": 1.0, "checks": []}
    none = {"ou": None, "account_id": None, "owner": None, "withdrawn_at": None}
    assert answer.body.items() >= {**body, **told, **none, "half_life_days": 90}.items()
    assert AuditEntry.objects.get().action == "attestation.make"


def test_it_says_beside_which_checks_it_counts(api, body):
    answer = api("administrator").post("attestations/", body | {"best_practice": "OPS08-BP02"})
    assert "cloudwatch_log_group_retention_set" in answer.body["checks"]


def test_it_is_made_for_an_ou_or_an_account(api, body, world):
    caller = api("administrator")
    assert caller.post("attestations/", body | {"ou": "Prod"}).body["ou"] == "Prod"
    of_account = {"account_id": world.shop.account_id, "owner_team": None, "owner": "viewer"}
    world.person("viewer")
    answer = caller.post("attestations/", body | of_account)
    assert answer.body.items() >= of_account.items()


BAD_INPUT = [
    ({"best_practice": "OPS99-BP01"}, "best_practice", "no such best practice"),
    ({"statement": ""}, "statement", "may not be blank"),
    ({"link": "javascript:alert(1)"}, "link", "Enter a valid URL"),
    ({"ends_at": None}, "ends_at", "may not be null"),
    ({"ends_at": "soon"}, "ends_at", "Datetime has wrong format"),
    ({"ends_at": "2027-03-04T00:00:00Z"}, "ends_at", "At most a year after the start"),
    ({"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"}, "ends_at",
     "This is over"),
    ({"starts_at": "2026-04-02T00:00:00Z", "ends_at": "2026-04-01T00:00:00Z"}, "",
     "It ends before it starts"),
    ({"half_life_days": 0}, "", "A half-life is at least a day"),
    ({"half_life_days": -1}, "half_life_days", "greater than or equal to"),
    ({"owner_team": None}, "", "Name a team or a person who answers for it"),
    ({"owner_team": "nobody's"}, "owner_team", "You see none that is called"),
    ({"owner": "stranger"}, "owner", "You see none that is called"),
    ({"owner": "administrator"}, "", "to a team or to a person, not to both"),
    ({"ou": "Nowhere"}, "ou", "You see none that is called 'Nowhere'"),
    ({"account_id": "999999999999"}, "account_id", "You see none that is called"),
    ({"attestation": "x"}, "attestation", "There is no such field"),
]  # fmt: skip


def test_bad_input_is_told_by_field_and_saves_nothing(api, world, body):
    world.person("stranger")
    caller = api("administrator")

    def attest(changes):
        return caller.post("attestations/", body | changes)

    assert badly_refused(attest, BAD_INPUT, Attestation) == {}


def test_an_ou_of_which_there_are_two_is_not_guessed(api, body, world):
    OuFactory(organization=world.ours, name="Prod")
    answer = api("administrator").post("attestations/", body | {"ou": "Prod"})
    assert answer.errors == {"ou": "Several are called 'Prod'."}


def test_what_may_not_be_approved_is_refused_before_anything_is_looked_up(api, body):
    caller = api("contributor")
    for change in ({}, {"ou": "Prod"}, {"owner": "stranger"}):
        assert caller.post("attestations/", body | change).status == 403
    assert api("stranger").post("attestations/", body).status == 404


def test_one_is_withdrawn_once(api, world):
    told = AttestationFactory(organization=world.ours)
    caller, path = api("administrator"), f"attestations/{told.uid}/withdraw/"
    answer = caller.post(path)
    assert (answer.status, answer.body["state"], answer.body["weight"]) == (200, "withdrawn", 0)
    assert answer.body["withdrawn_at"] == "2026-03-02T09:00:00Z"
    again = caller.post(path)
    assert (again.status, again.type) == (409, "application/problem+json")
    assert "was withdrawn already" in again.body["detail"]


def test_nothing_else_changes_one(api, world):
    told = AttestationFactory(organization=world.ours)
    for method in ("PUT", "PATCH", "DELETE"):
        answer = api("administrator").send(method, f"attestations/{told.uid}/", {"statement": "x"})
        assert answer.status == 405


def test_everybody_sees_those_of_what_they_see(api, world):
    for name, scope in {
        "of all": {},
        "of Prod": {"ou": world.prod},
        "of Dev": {"ou": world.dev},
        "of sandbox": {"account": world.sandbox},
    }.items():
        AttestationFactory(organization=world.ours, statement=name, **scope)
    seen = {
        who: {row["statement"] for row in api(who).get("attestations/").results}
        for who in ("viewer", "viewer of Prod", "stranger")
    }
    assert seen == {
        "viewer": {"of all", "of Prod", "of Dev", "of sandbox"},
        "viewer of Prod": {"of all", "of Prod"},
        "stranger": set(),
    }


def test_filters_states_and_weights(api, world):
    for name, starts, ends in (("old", -30, 0), ("now", -90, 1), ("soon", 1, 9)):
        AttestationFactory(
            organization=world.ours,
            statement=name,
            best_practice="OPS01-BP02" if name == "soon" else "OPS01-BP01",
            starts_at=NOW + starts * DAY,
            ends_at=NOW + ends * DAY,
        )
    caller = api("viewer")
    told = {
        row["statement"]: (row["state"], row["weight"])
        for row in caller.get("attestations/").results
    }
    assert told == {"old": ("lapsed", 0), "now": ("active", 0.5), "soon": ("planned", 0)}
    chosen = caller.get("attestations/", best_practice="OPS01-BP02").results
    assert [row["statement"] for row in chosen] == ["soon"]
    assert caller.get("attestations/", organization=world.theirs.uid).results == []
