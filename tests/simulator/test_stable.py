from collections import Counter

import pytest

from simulator.stable import stable_choice, stable_number, stable_random


def test_the_same_parts_give_the_same_number_for_ever():
    assert stable_number(1, "a") == 951889089193931511


def test_parts_are_kept_apart():
    assert stable_number("ab", "c") != stable_number("a", "bc")


def test_chance_of_one_name_is_the_same_each_time():
    assert stable_random("x").random() == stable_random("x").random()


def test_a_choice_follows_its_weights():
    drawn = Counter(stable_choice({"often": 9, "seldom": 1, "never": 0}, n) for n in range(500))
    assert drawn["often"] > 5 * drawn["seldom"] > 0
    assert drawn["never"] == 0


def test_a_choice_without_positive_weight_is_refused():
    with pytest.raises(ValueError, match="no weight"):
        stable_choice({"never": 0}, 1)
