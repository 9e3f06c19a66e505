import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.half_life import weight_at

START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)
END = START + 100 * DAY
ages = st.integers(min_value=-200, max_value=200)


def weight(age, half_life=30):
    half = half_life * DAY
    return weight_at(START + age, starts_at=START, ends_at=END, half_life=half)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (-SECOND, 0),
        (0 * DAY, 1),
        (30 * DAY, 0.5),
        (60 * DAY, 0.25),
        (90 * DAY, 0.125),
        (100 * DAY, 0),
        (101 * DAY, 0),
    ],
)
def test_it_counts_fully_at_its_start_half_after_each_half_life_and_nothing_from_its_end(
    age, expected
):
    assert weight(age) == expected


def test_it_counts_until_the_last_second():
    assert weight(100 * DAY - SECOND) == pytest.approx(0.5 ** (100 / 30), rel=1e-5)


@given(age=ages, half_life=st.integers(min_value=1, max_value=400))
def test_it_stays_between_0_and_1_and_never_grows_once_it_has_started(age, half_life):
    now, later = weight(age * DAY, half_life), weight((age + 1) * DAY, half_life)
    assert 0 <= now <= 1
    assert later <= now or age < 0
