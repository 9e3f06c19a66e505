from datetime import UTC, datetime, timedelta

import pytest

from simulator.answers import key
from simulator.days import Change
from simulator.faults import BadFault
from simulator.organization import Character
from simulator.world import CACHED_ACCOUNTS, World

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "parts",
    [
        {"accounts": 0},
        {"accounts": 2001},
        {"regions": 0},
        {"regions": 18},
        {"day": 0},
        {"epoch": datetime(2026, 1, 1)},
    ],
)
def test_a_world_that_cannot_be_is_refused(parts):
    with pytest.raises(ValueError, match=r"must|needs"):
        World(**parts)


def test_a_bad_fault_is_refused_at_the_start():
    with pytest.raises(BadFault):
        World(faults=["nothing"])


def test_a_change_to_a_variant_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no facet has the variant nothing/here"):
        World(changes=[Change(day=1, facet="nothing", variant="here")])


def test_the_largest_world_builds_no_place_before_it_is_asked():
    world = World(accounts=2000, regions=17, epoch=EPOCH)
    assert len(world.accounts) == 2000
    assert len(world._accounts) == 0
    assert world.place("100000001999", "sa-east-1").region == "sa-east-1"
    assert len(world._accounts) == 1


def test_only_the_accounts_last_asked_for_are_kept():
    world = World(accounts=CACHED_ACCOUNTS + 5, epoch=EPOCH)
    for account in world.accounts:
        world.account_place(account.id)
    assert len(world._accounts) == CACHED_ACCOUNTS


def test_other_seeds_answer_otherwise():
    assert key(World(accounts=2, epoch=EPOCH)) != key(World(seed=2, accounts=2, epoch=EPOCH))


def test_every_character_lives_in_the_default_world():
    assert {account.character for account in World(epoch=EPOCH).accounts} == set(Character)


def test_day_two_brings_one_that_joined_moved_was_renamed_was_suspended():
    before = {account.id: account for account in World(epoch=EPOCH, day=1).accounts}
    after = {account.id: account for account in World(epoch=EPOCH, day=2).accounts}
    assert len(after.keys() - before.keys()) == 1
    both = [(before[id_], after[id_]) for id_ in before]
    assert [new.name for old, new in both if old.name != new.name] == ["reporting-prod"]
    assert [new.name for old, new in both if old.state != new.state] == ["analytics-nonprod"]
    assert {new.name for old, new in both if old.unit != new.unit} == {
        "sandbox-mobile",
        "analytics-nonprod",
    }


def test_equal_worlds_answer_equally_and_days_can_be_taken_back():
    """Whose places are dropped at each move, and come back the same."""
    world, equal = World(epoch=EPOCH), World(epoch=EPOCH)
    first = key(world)
    assert key(equal) == first
    world.move_to_day(2)
    assert key(world) != first
    world.move_to_day(1)
    assert key(world) == first


def test_what_stands_is_dated_from_the_epoch_whatever_the_day():
    places = [World(epoch=EPOCH, day=day).place("100000000003", "us-east-1") for day in (1, 3)]
    assert {place.ago(hours=1) for place in places} == {EPOCH - timedelta(hours=1)}
    assert places[0].day_start(3) == EPOCH
    assert places[0].day_start(1) == EPOCH - timedelta(days=2)


def test_the_clock_moves_at_every_look_and_may_be_set():
    world = World(epoch=EPOCH)
    assert EPOCH < world.clock() < world.clock()
    later = EPOCH + timedelta(days=30)
    world.set_clock(later)
    assert later < world.clock() < later + timedelta(minutes=1)


def test_one_region_alone_is_neither_denied_nor_off():
    world = World(regions=1, epoch=EPOCH)
    assert all(
        world.is_collected(account, "us-east-1")
        for account in world.accounts
        if world.is_reachable(account)
    )
