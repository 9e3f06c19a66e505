from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.catalogue.pillar import Severity
from findings.scoring import Attested, Judged, Level, Score, reached_by, rounded, score_of

few = st.integers(min_value=0, max_value=50)
severities = st.sampled_from(Severity)
judged = st.builds(
    Judged,
    check=st.sampled_from("abcdefgh"),
    severity=severities,
    passed=few,
    failed=few,
    unknown=few,
)
attested = st.builds(
    Attested,
    practice=st.just("OPS01-BP01"),
    risk=st.sampled_from([Severity.HIGH, Severity.MEDIUM, Severity.LOW]),
    weight=st.fractions(min_value=0, max_value=1),
    is_covered=st.booleans(),
)
items = st.lists(judged | attested, max_size=8)
counting = st.sampled_from([s for s in Severity if s is not Severity.INFORMATIONAL])


def check(severity=Severity.HIGH, passed=0, failed=0, unknown=0, name="a"):
    return Judged(check=name, severity=severity, passed=passed, failed=failed, unknown=unknown)


def statement(weight, *, risk=Severity.HIGH, is_covered=False):
    given = Fraction(weight)
    return Attested(practice="OPS01-BP01", risk=risk, weight=given, is_covered=is_covered)


@pytest.mark.parametrize(
    ("given", "value", "coverage"),
    [
        ([], None, None),
        ([check()], None, None),
        ([check(unknown=3)], None, 0),
        ([check(passed=1)], 100, 100),
        ([check(failed=1)], 0, 100),
        ([check(passed=3, failed=1)], 75, 100),
        ([check(passed=3, failed=1, unknown=4)], 75, 50),
        ([check(passed=1000), check(failed=1)], 50, 100),
        ([check(Severity.CRITICAL, failed=1), check(passed=1)], Fraction(100, 3), 100),
        ([check(Severity.INFORMATIONAL, failed=1)], None, None),
        ([statement(0)], None, 0),
        ([statement(1)], 100, 100),
        ([statement("1/4")], 100, 25),
        ([statement(0, is_covered=True)], None, None),
        ([check(failed=1), statement("1/2", is_covered=True)], Fraction(100, 3), 100),
        ([check(failed=1), statement("1/2")], Fraction(100, 3), 75),
    ],
)
def test_a_score_is_over_what_is_known_by_severity(given, value, coverage):
    assert score_of(given) == Score(value=value, coverage=coverage)


@given(items)
def test_both_are_between_0_and_100(given):
    found = score_of(given)
    for percent in (found.value, found.coverage):
        assert percent is None or 0 <= percent <= 100
    assert found.value is None or found.coverage > 0


@given(items, st.randoms())
def test_the_order_does_not_matter(given, random):
    shuffled = list(given)
    random.shuffle(shuffled)
    assert score_of(shuffled) == score_of(given)


@given(items, judged, st.integers(min_value=1, max_value=50))
def test_more_passes_never_lower_it(others, one, more):
    before = score_of([*others, one])
    after = score_of([*others, replace(one, passed=one.passed + more)])
    assert before.value is None or after.value >= before.value
    assert before.coverage is None or after.coverage >= before.coverage


@given(items, judged)
def test_a_fail_that_turns_into_a_pass_never_lowers_it(others, one):
    fixed = replace(one, passed=one.passed + one.failed, failed=0)
    before, after = score_of([*others, one]), score_of([*others, fixed])
    assert before.value is None or after.value >= before.value
    assert after.coverage == before.coverage


@given(items, judged, counting, st.integers(min_value=1, max_value=50))
def test_what_is_unknown_never_changes_the_score_and_lowers_the_coverage(others, one, of, more):
    one = replace(one, severity=of)
    before = score_of([*others, one])
    after = score_of([*others, replace(one, unknown=one.unknown + more)])
    assert after.value == before.value
    if before.coverage:
        assert after.coverage < before.coverage or not one.known
        assert after.coverage <= before.coverage


@given(st.lists(judged, max_size=8))
def test_where_all_is_unknown_there_is_no_score(given):
    unknown = [replace(item, passed=0, failed=0) for item in given]
    found = score_of(unknown)
    assert found.value is None
    assert found.coverage in (None, 0)


@given(items, attested)
def test_a_statement_never_lowers_the_score_and_fades(others, told):
    without = score_of([*others, replace(told, weight=Fraction(0))])
    with_it = score_of([*others, told])
    faded = score_of([*others, replace(told, weight=told.weight / 2)])
    assert without.value is None or with_it.value >= faded.value >= without.value
    assert without.coverage is None or with_it.coverage >= faded.coverage >= without.coverage


@pytest.mark.parametrize(
    ("percent", "shown"),
    [
        (None, None),
        (Fraction(100), "100.0"),
        (Fraction(999_999, 10_000), "99.9"),
        (Fraction(200, 3), "66.6"),
        (Fraction(0), "0.0"),
    ],
)
def test_it_is_rounded_down(percent, shown):
    assert rounded(percent) == (shown if shown is None else Decimal(shown))


@pytest.mark.parametrize(
    ("given", "level", "following", "missing"),
    [
        ([], None, "foundation", []),
        ([check()], None, "foundation", []),
        ([check(failed=1)], None, "foundation", ["a"]),
        ([check(passed=9, unknown=1)], None, "foundation", ["a"]),
        ([check(passed=1)], "optimized", None, []),
        ([check(passed=1), check(Severity.MEDIUM, failed=1, name="m")], "foundation", "managed",
         ["m"]),
        ([check(Severity.MEDIUM, passed=1), check(Severity.LOW, unknown=1, name="l")], "managed",
         "optimized", ["l"]),
        ([check(passed=1), check(Severity.LOW, passed=1)], "optimized", None, []),
        ([check(passed=1), check(Severity.INFORMATIONAL, failed=1)], "optimized", None, []),
        ([check(Severity.HIGH, failed=1, name="h"), check(Severity.LOW, failed=1, name="l"),
          check(Severity.CRITICAL, unknown=1, name="c")], None, "foundation", ["c", "h"]),
    ],
)  # fmt: skip
def test_a_level_is_reached_when_all_its_checks_are_known_to_pass(given, level, following, missing):
    found = reached_by(given)
    assert (found.level, found.next) == (level, following)
    assert [item.check for item in found.missing] == missing


@given(st.lists(judged, max_size=8))
def test_what_is_unknown_never_reaches_a_level(given):
    levels = [None, *Level]
    known = [replace(item, unknown=0) for item in given if item.known]
    hidden = [replace(item, unknown=1) for item in known]
    assert levels.index(reached_by(hidden).level) <= levels.index(reached_by(known).level)
