from collections import Counter

import pytest

from simulator.assignment import Assignment
from simulator.days import Change
from simulator.facets.base import ACCOUNT, ORGANIZATION, Facet
from simulator.organization import Character, organization_on_day

ACCOUNTS = list(organization_on_day(seed=1, accounts=24, day=1).accounts.values())
REGIONS = ("us-east-1", "eu-west-1")
SLOTS = [(account, region) for account in ACCOUNTS for region in REGIONS]


@pytest.fixture(autouse=True)
def _no_other_facets(monkeypatch):
    monkeypatch.setattr(Facet, "_registry", {})


def facet(level="region", **weights):
    made = Facet("test", level=level)
    for name, characters in weights.items():
        made.variant(name, characters=characters)(lambda place: None)
    return made


def standing(made, day=1, changes=(), accounts=ACCOUNTS):
    assignment = Assignment(seed=1, day=day, slots=SLOTS, changes=changes)
    return {
        (account.id, region): assignment.of_region(made, account, region).name
        for account in accounts
        for region in REGIONS
    }


def test_every_variant_stands_somewhere_even_the_most_unlikely():
    variants = {f"v{n}": None for n in range(20)} | {"common": dict.fromkeys(Character, 10_000)}
    assert set(standing(facet(**variants)).values()) == set(variants)


def test_every_variant_of_an_account_stands_somewhere():
    made = facet(ACCOUNT, **{f"v{n}": None for n in range(20)})
    assignment = Assignment(seed=1, day=1, slots=SLOTS)
    assert {assignment.of_account(made, a).name for a in ACCOUNTS} == set(made.variants)


def test_variants_keep_to_their_characters():
    placed = standing(facet(good={"exemplary": 1}, bad={"neglected": 1, "ordinary": 1}))
    by_id = {account.id: account for account in ACCOUNTS}
    assert {
        name for (id_, _), name in placed.items() if by_id[id_].character is Character.EXEMPLARY
    } == {"good"}
    assert {
        name for (id_, _), name in placed.items() if by_id[id_].character is Character.NEGLECTED
    } == {"bad"}


def test_the_same_seed_stands_the_same():
    made = facet(a=None, b=None, c=None)
    assert standing(made) == standing(made)


def test_places_move_on_day_two_and_some_back_on_day_three():
    made = facet(a=None, b=None)
    first, second, third = (standing(made, day) for day in (1, 2, 3))
    moved = {slot for slot in first if first[slot] != second[slot]}
    back = {slot for slot in moved if third[slot] == first[slot]}
    assert len(moved) == 4
    assert len(back) == 2
    assert standing(made, day=4) == third


def test_far_accounts_of_large_worlds_move_too():
    far = list(organization_on_day(seed=1, accounts=300, day=1).accounts.values())[24:]
    made = facet(a=None, b=None)
    first, second = (standing(made, day, accounts=far) for day in (1, 2))
    moved = Counter(first[slot] for slot in first if first[slot] != second[slot])
    assert 20 < sum(moved.values()) < 100
    assert set(moved) == {"a", "b"}


def test_a_change_overrides_what_was_planned_from_its_day_on():
    made = facet(a=None, b=None)
    change = Change(day=2, facet="test", variant="b", account=ACCOUNTS[0].id, region="eu-west-1")
    slot = (ACCOUNTS[0].id, "eu-west-1")
    assert standing(made, 1, [change])[slot] == standing(made, 1)[slot]
    assert standing(made, 2, [change])[slot] == "b"
    assert standing(made, 5, [change])[slot] == "b"


def test_the_variants_of_the_organization_take_it_in_turn():
    made = facet(ORGANIZATION, a=None, b=None, c=None)
    days = [Assignment(seed=1, day=day, slots=SLOTS).of_organization(made) for day in (1, 2, 3, 4)]
    assert [variant.name for variant in days] == ["a", "b", "c", "a"]


def test_the_organizations_variant_may_be_changed():
    made = facet(ORGANIZATION, a=None, b=None)
    change = Change(day=1, facet="test", variant="b")
    assignment = Assignment(seed=1, day=1, slots=SLOTS, changes=[change])
    assert assignment.of_organization(made).name == "b"
