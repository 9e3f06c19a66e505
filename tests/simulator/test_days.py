from collections import Counter

import pytest

from simulator.days import next_variant, planned_moves
from simulator.facets.base import Facet


@pytest.fixture(autouse=True)
def _no_other_facets(monkeypatch):
    monkeypatch.setattr(Facet, "_registry", {})


def facet(*names, **parts):
    made = Facet("test")
    for name in names:
        made.variant(name, from_day=2 if name.startswith("late") else 1, **parts)(
            lambda place: None
        )
    return made


def slots(count):
    return [(str(number), "eu-west-1") for number in range(count)]


def test_the_next_variant_is_that_declared_next_and_the_last_is_followed_by_the_first():
    variants = facet("a", "b", "late").variants
    assert [next_variant(v).name for v in variants.values()] == ["b", "late", "a"]


def test_one_place_in_ten_moves_but_some_always_do():
    variants = facet("a", "b").variants
    for places, moves in ((60, 6), (10, 4), (2, 2)):
        first = dict.fromkeys(slots(places), variants["a"])
        assert len(planned_moves(variants["a"].facet, slots(places), first)) == moves


def test_a_facet_of_one_variant_never_moves():
    made = facet("a")
    assert planned_moves(made, slots(9), dict.fromkeys(slots(9), made.variants["a"])) == {}


def test_moves_lead_away_from_every_variant_and_half_of_them_back():
    made = facet("a", "b")
    first = {s: made.variants["a" if i < 18 else "b"] for i, s in enumerate(slots(20))}
    moves = planned_moves(made, slots(20), first)
    assert Counter(first[slot].name for slot in moves) == {"a": 2, "b": 2}
    assert Counter(move.returns for move in moves.values()) == {True: 2, False: 2}


def test_variants_that_wait_for_day_two_are_moved_to_first():
    made = facet("a", "b", "late", "later")
    first = dict.fromkeys(slots(20), made.variants["a"])
    targets = [move.variant.name for move in planned_moves(made, slots(20), first).values()]
    assert targets == ["late", "later", "b", "b"]


def test_a_move_holds_on_day_two_and_later_unless_it_returns():
    made = facet("a", "b")
    first = dict.fromkeys(slots(20), made.variants["a"])
    for move in planned_moves(made, slots(20), first).values():
        stands = [move.on_day(day, made.variants["a"]).name for day in (1, 2, 3, 4)]
        assert stands == ["a", "b"] + (["a", "a"] if move.returns else ["b", "b"])


def test_what_happened_is_continued_in_one_place_and_never_undone():
    made = facet("a", "b")
    made.variant("more", from_day=2, follows="a")(lambda place: None)
    first = {slot: made.variants["ab"[i % 2]] for i, slot in enumerate(slots(20))}
    [(slot, move)] = planned_moves(made, slots(20), first).items()
    assert first[slot].name == "a"
    assert [move.on_day(day, first[slot]).name for day in (1, 2, 3)] == ["a", "more", "more"]


def test_where_something_happened_it_has_for_ever():
    made = facet("a")
    made.variant("done", stays=True)(lambda place: None)
    first = {slot: made.variants["a" if i < 10 else "done"] for i, slot in enumerate(slots(20))}
    moves = planned_moves(made, slots(20), first)
    assert {(first[slot].name, move.variant.name) for slot, move in moves.items()} == {
        ("a", "done")
    }
    assert not any(move.returns for move in moves.values())
