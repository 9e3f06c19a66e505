import datetime as dt
from itertools import takewhile

from hypothesis import given
from hypothesis import strategies as st

from findings.ticketing.retry_plan import wait_before

HOUR = dt.timedelta(hours=1)


def wait(attempt, chance=0.0, retry_after=None):
    return wait_before(attempt, chance=chance, retry_after=retry_after)


def test_the_plan_ends_with_a_dead_letter():
    waits = list(takewhile(lambda found: found is not None, map(wait, range(20))))
    seconds = [int(found.total_seconds()) for found in waits]
    assert seconds == [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert wait(10) is None


def test_what_the_tracker_asks_for_is_waited_for_however_long():
    assert wait(1, retry_after=100 * HOUR) == 100 * HOUR
    assert wait(9, retry_after=HOUR) == 24 * HOUR
    assert wait(10, retry_after=HOUR) is None


@given(st.integers(0, 9), st.floats(0, 1))
def test_chance_adds_a_tenth_at_most(attempt, chance):
    assert wait(attempt) <= wait(attempt, chance) <= wait(attempt) * 1.1
