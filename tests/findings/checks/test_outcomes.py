"""How outcomes of several items combine."""

import pytest

from findings.checks.outcomes import Status, all_of, any_of, at_least, part
from findings.facts.base import Gap, GapReason, Listing, NotCollected

DENIED = Gap(kind="test.lamp", reason=GapReason.ACCESS_DENIED)


def lit(item):
    if item is None:
        raise NotCollected(DENIED)
    return all_of(part("lit", lambda: item))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([True, True], Status.PASS),
        ([True, False], Status.FAIL),
        ([True, None], Status.UNKNOWN),
        ([True, True, None], Status.PASS),
        ([False, None], Status.FAIL),
        ([], Status.FAIL),
    ],
)
def test_so_many_of_the_items_must_pass(items, expected):
    assert at_least(2, items, lit).status is expected


def test_what_is_missing_in_a_listing_could_pass():
    assert at_least(1, Listing([False], [DENIED]), lit).status is Status.UNKNOWN
    assert at_least(1, Listing([True], [DENIED]), lit).status is Status.PASS


def test_too_few_are_told_with_the_one_that_comes_nearest():
    found = at_least(2, [True, False], lit)
    assert found.message == "1 found, 2 expected; nearest: not met: lit"
    assert [p.name for p in found.parts] == ["lit"]


def test_a_check_says_in_its_own_words_that_there_is_nothing():
    assert any_of([], lit).message == "there is none"
    assert any_of([], lit, none="no lamp hangs here").message == "no lamp hangs here"
    assert any_of([False], lit, none="no lamp hangs here").message == "not met: lit"
