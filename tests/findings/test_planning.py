import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.catalogue.pillar import Row
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION
from findings.planning import Selection, SelectionError, Target, interleaved, kinds_at, plan
from tests.findings.services.lab import ALL, STABLE, only

REGIONS = ("eu-west-1", "us-east-1")
EVERYTHING = Selection()
NAMES = st.text("abc", min_size=1, max_size=3)
TARGETS = st.lists(
    st.builds(Target, account=NAMES, ou_path=NAMES), unique_by=lambda target: target.account
)


def shards(*targets, regions=REGIONS, selection=EVERYTHING, definitions=None):
    chosen = list((definitions or ALL).values())
    found = plan(targets, regions=regions, selection=selection, definitions=chosen)
    return {planned.account: planned.regions for planned in found}


def test_an_account_has_its_regions_and_its_account_wide_shard():
    assert shards(Target(account="1")) == {"1": (*REGIONS, AWS_GLOBAL)}


def test_the_management_account_has_the_shard_of_the_organization():
    found = shards(Target(account="1"), Target(account="2", is_management=True))
    assert [AWS_ORGANIZATION in regions for regions in found.values()] == [True, False]


def test_only_places_of_facts_that_are_needed_are_visited():
    assert shards(Target(account="1"), definitions=only("box_is_sealed")) == {"1": REGIONS}
    shelf = {"shelf_is_labelled": STABLE["shelf_is_labelled"]}
    assert shards(Target(account="1"), definitions=shelf) == {"1": (AWS_GLOBAL,)}


def test_chosen_regions_are_the_only_ones():
    assert shards(Target(account="1"), selection=Selection(regions=("us-east-1",))) == {
        "1": ("us-east-1",)
    }
    assert shards(Target(account="1"), selection=Selection(regions=(AWS_GLOBAL,))) == {
        "1": (AWS_GLOBAL,)
    }


def test_without_a_list_the_regions_are_found_in_the_account():
    (planned,) = plan(
        [Target(account="1")], regions=(), selection=EVERYTHING, definitions=ALL.values()
    )
    assert (planned.finds_regions, planned.regions) == (True, (AWS_GLOBAL,))


def test_chosen_regions_need_not_be_found():
    (planned,) = plan(
        [Target(account="1")],
        regions=(),
        selection=Selection(regions=("eu-west-1",)),
        definitions=ALL.values(),
    )
    assert (planned.finds_regions, planned.regions) == (False, ("eu-west-1",))


def test_an_account_without_a_shard_is_left_out():
    assert shards(Target(account="1"), selection=Selection(regions=(AWS_ORGANIZATION,))) == {}


def test_accounts_of_ous_come_in_turn_and_the_management_account_last_but_one():
    targets = [
        Target(account=f"{ou}{number}", ou_path=ou) for ou in ("a", "b") for number in range(3)
    ]
    found = interleaved([Target(account="m", is_management=True), *targets])
    assert [target.account for target in found] == ["a0", "b0", "a1", "b1", "a2", "m", "b2"]


@given(TARGETS)
def test_every_account_is_planned_once_in_an_order_of_its_own(targets):
    found = interleaved(targets)
    assert sorted(found, key=repr) == sorted(targets, key=repr)
    assert found == interleaved(reversed(targets))


def test_the_kinds_of_a_place_are_those_collected_there():
    kinds = [set(kinds_at(ALL.values(), r)) for r in ("eu-west-1", AWS_GLOBAL, AWS_ORGANIZATION)]
    assert kinds == [{"lab.box"}, {"lab.shelf"}, {"lab.sign"}]


def test_rows_choose_checks():
    chosen = Selection(rows=("O1",)).definitions(ALL)
    assert {definition.check.row for definition in chosen} == {Row.CHANGE}
    assert len(EVERYTHING.definitions(ALL)) == len(ALL)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"accounts": ["12345"]}, "'12345' is not an AWS account id: 12 digits"),
        ({"accounts": ["\uff11" * 12]}, "is not an AWS account id"),
        ({"regions": ["Frankfurt"]}, "'Frankfurt' is not an AWS region, such as eu-west-1"),
        ({"rows": ["X9"]}, "'X9' is not a row of the catalogue: P1, P2"),
        ({"accounts": "123456789012"}, "accounts takes a list of texts"),
        ({"rows": [1]}, "rows takes a list of texts"),
        ([1], "A selection is an object of ous, accounts, regions, rows"),
        ({"rows": 5}, "rows takes a list of texts"),
        ({"region": []}, "A selection has ous, accounts, regions, rows, not region"),
    ],
)
def test_a_wrong_selection_says_what_to_give(value, sentence):
    with pytest.raises(SelectionError, match=sentence):
        Selection.parse(value)


def test_a_selection_survives_its_json():
    chosen = Selection(accounts=("123456789012",), regions=("eu-west-1", AWS_GLOBAL))
    assert Selection.parse(chosen.to_json()) == chosen
    assert Selection.parse({"rows": [" O2 ", "", "O2"]}) == Selection(rows=("O2",))
    assert Selection.parse({}).is_everything
