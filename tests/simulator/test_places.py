from datetime import UTC, datetime

import pytest

from simulator.answers import AWS_GLOBAL, AWS_ORGANIZATION, Subject, key
from simulator.facets.base import ACCOUNT, ORGANIZATION, Facet, default_answers
from simulator.organization import MANAGEMENT_ID
from simulator.places import Contradiction
from simulator.world import World

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEMBER = "100000000003"


@pytest.fixture(autouse=True)
def _no_other_facets(monkeypatch):
    monkeypatch.setattr(Facet, "_registry", {})
    monkeypatch.setattr("simulator.facets.base._default_answers", {})


def world():
    return World(accounts=3, regions=2, epoch=EPOCH)


def standing(name, build, level="region"):
    Facet(name, level=level).variant("only")(build)


def test_a_region_answers_for_itself():
    standing("a", lambda place: place.expect("check", "pass", resource="r"))
    assert Subject("check", MEMBER, "eu-west-1", "r") in key(world())


def test_an_account_answers_for_itself_and_may_put_into_its_regions():
    def build(account):
        account.expect("check", "fail")
        account.region("eu-west-1").put("things", {"Name": "x"})

    standing("a", build, ACCOUNT)
    made = world()
    assert Subject("check", MEMBER, AWS_GLOBAL, "") in key(made)
    assert made.place(MEMBER, "eu-west-1").all("things") == [{"Name": "x"}]
    assert made.place(MEMBER, "us-east-1").all("things") == []


def test_the_organization_answers_and_puts_into_its_members():
    def build(organization):
        organization.expect("check", "pass")
        organization.member(MEMBER).home.put("things", {"Name": "x"})
        organization.member(MEMBER).home.expect("other", "fail")

    standing("a", build, ORGANIZATION)
    made = world()
    answers = key(made)
    assert Subject("check", MANAGEMENT_ID, AWS_ORGANIZATION, "") in answers
    assert Subject("other", MEMBER, "us-east-1", "") in answers
    assert made.place(MEMBER, "us-east-1").find("things", Name="x")


def test_two_answers_to_one_question_are_a_contradiction():
    standing("a", lambda place: place.expect("check", "pass"))
    standing("b", lambda place: place.expect("check", "fail"))
    with pytest.raises(Contradiction, match="check"):
        world().place(MEMBER, "us-east-1")


def test_default_answers_cover_records_of_others_and_yield_to_explicit_ones():
    @default_answers("things")
    def _(place, record):
        place.expect("check", "not_applicable", resource=record["Name"])

    def build(place):
        place.put("things", {"Name": "plain"})
        place.put("things", {"Name": "special"})
        place.expect("check", "fail", resource="special")

    standing("a", build)
    answers = key(world())
    assert answers[Subject("check", MEMBER, "eu-west-1", "plain")].status == "not_applicable"
    assert answers[Subject("check", MEMBER, "eu-west-1", "special")].status == "fail"


def test_names_and_chances_are_stable_and_of_the_place():
    first, again = (world().place(MEMBER, "us-east-1") for _ in range(2))
    other = world().place(MEMBER, "eu-west-1")
    assert first.uuid("a") == again.uuid("a") != other.uuid("a")
    assert first.random("x").random() == again.random("x").random()
    assert len(first.hexadecimal("id", 17)) == 17


def test_an_arn_names_region_and_account_of_the_place():
    made = world()
    assert made.place(MEMBER, "eu-west-1").arn("logs", "x") == f"arn:aws:logs:eu-west-1:{MEMBER}:x"
    assert made.account_place(MEMBER).arn("iam", "role/x") == f"arn:aws:iam::{MEMBER}:role/x"


def test_fields_that_move_are_asked_when_they_are_sent():
    place = world().place(MEMBER, "eu-west-1")
    field = place.moving(minutes=5)
    assert field() < field() < place.clock()
