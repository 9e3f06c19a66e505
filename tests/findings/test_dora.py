"""The four figures, by example and by property."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from findings.dora import (
    Change,
    Failure,
    Window,
    change_failure_rate,
    deployment_frequency,
    events_of,
    failures_of,
    frequency_level,
    lead_time,
    time_to_restore,
)

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FOUR_WEEKS = Window(since=NOW - 28 * DAY, until=NOW)


def change(days=1.0, succeeded=True, hours=2, committed=None, id=None):
    """One that ended so many days ago, whose delivery took so many hours."""
    ended = NOW - days * DAY
    return Change(
        id=id or f"c-{days:g}",
        began_at=ended - hours * HOUR,
        ended_at=ended,
        succeeded=succeeded,
        committed_at=None if committed is None else ended - committed * HOUR,
    )


CHANGES = st.lists(
    st.builds(
        change,
        days=st.integers(0, 60).map(float),
        succeeded=st.booleans(),
        hours=st.integers(0, 48),
        committed=st.none() | st.integers(0, 480),
        id=st.uuids().map(str),
    ),
    max_size=30,
)
INSTANTS = st.lists(st.integers(0, 60).map(lambda days: NOW - days * DAY), max_size=10)


def test_successful_changes_of_the_window_a_week():
    changes = [change(0), change(1), change(28), change(2, succeeded=False), change(28.1)]
    figure = deployment_frequency(changes, FOUR_WEEKS)
    assert (figure.value, figure.n, figure.window) == (0.75, 3, FOUR_WEEKS)


@pytest.mark.parametrize(
    ("per_week", "level"),
    [
        (7, "daily"),
        (6.9, "weekly"),
        (1, "weekly"),
        (0.99, "monthly"),
        (0.24, "monthly"),
        (0.23, "rarer"),
        (0, "rarer"),
    ],
)
def test_a_frequency_has_a_level(per_week, level):
    assert frequency_level(per_week) == level


def test_a_window_of_no_length_has_no_frequency():
    figure = deployment_frequency([change(0)], Window(since=NOW, until=NOW))
    assert (figure.value, figure.n) == (None, 1)


def test_the_lead_time_is_the_median_from_commit_to_production():
    changes = [change(1, committed=10), change(2, committed=30), change(3, committed=20)]
    failed, old = change(4, committed=400, succeeded=False), change(29, committed=400)
    figure = lead_time([*changes, failed, old], FOUR_WEEKS)
    assert (figure.value, figure.n) == (20, 3)
    assert figure.method == "median hours from commit to production"


def test_where_the_commit_is_not_known_the_start_of_the_delivery_is_told_to_stand_for_it():
    figure = lead_time([change(1, committed=10), change(2, hours=4)], FOUR_WEEKS)
    assert figure.value == 7
    assert figure.method.endswith(", 1 of 2 from the start of their delivery")


def test_what_failed_or_was_taken_back_counts_once():
    changes = [change(5), change(4, succeeded=False), change(3), change(2), change(30)]
    after_the_failed, after_the_third = NOW - 3.9 * DAY, NOW - 2.5 * DAY
    figure = change_failure_rate(changes, [after_the_failed, after_the_third], FOUR_WEEKS)
    assert (figure.value, figure.n) == (50, 4)
    assert figure.method == "percent: 2 of 4 changes failed or were taken back"


def test_a_rollback_at_the_moment_a_change_ended_takes_that_back_and_none_before_the_first():
    changes = [change(2), change(1)]
    at = NOW - 2 * DAY
    assert change_failure_rate(changes, [at], FOUR_WEEKS).value == 50
    assert change_failure_rate(changes, [at - HOUR], FOUR_WEEKS).value == 0


@pytest.mark.parametrize("figure", [lead_time, time_to_restore])
def test_nothing_is_not_zero(figure):
    found = figure([], FOUR_WEEKS)
    assert (found.value, found.n) == (None, 0)


def test_no_change_has_no_failure_rate():
    assert change_failure_rate([], [NOW], FOUR_WEEKS).value is None


EVENTS = st.lists(
    st.tuples(st.integers(0, 60).map(lambda days: NOW - days * DAY), st.booleans()), max_size=30
)


def events(**days):
    """Instants so many days ago, and whether it worked: ``ok9=9``."""
    return [(NOW - ago * DAY, name.startswith("ok")) for name, ago in days.items()]


def test_it_fails_from_the_first_failure_to_the_next_success():
    found = failures_of(events(ok1=9, bad1=8, bad2=7, ok2=6, ok3=5))
    assert found == [Failure(NOW - 8 * DAY, NOW - 6 * DAY)]
    figure = time_to_restore(found, FOUR_WEEKS)
    assert (figure.value, figure.n) == (48, 1)


def test_the_last_failure_may_not_be_restored_yet():
    found = failures_of(events(bad1=4, ok1=3, bad2=2, bad3=1))
    assert found[-1] == Failure(NOW - 2 * DAY, None)
    assert time_to_restore(found, FOUR_WEEKS).value == 24


def test_what_fails_and_works_at_one_moment_fails():
    assert failures_of(events(bad1=1, ok1=1)) == [Failure(NOW - DAY, None)]


def test_a_failure_counts_in_the_window_in_which_it_was_restored():
    before = Failure(NOW - 29 * DAY, NOW - 28.5 * DAY)
    at = Failure(NOW - 29 * DAY, NOW - 28 * DAY)
    assert time_to_restore([before], FOUR_WEEKS).n == 0
    assert time_to_restore([at], FOUR_WEEKS).value == 24


@given(CHANGES, INSTANTS)
def test_a_failure_rate_is_a_percentage_that_rollbacks_only_raise(changes, rollbacks):
    figure = change_failure_rate(changes, rollbacks, FOUR_WEEKS)
    without = change_failure_rate(changes, [], FOUR_WEEKS)
    assert figure.n == without.n
    if figure.value is None:
        assert figure.n == 0
    else:
        assert 0 <= without.value <= figure.value <= 100


@given(CHANGES)
def test_a_later_commit_never_makes_the_lead_time_longer(changes):
    known = [change for change in changes if change.committed_at is not None]
    assume(known)
    later = [
        Change(
            id=c.id,
            began_at=c.began_at,
            ended_at=c.ended_at,
            succeeded=c.succeeded,
            committed_at=c.ended_at - (c.ended_at - c.committed_at) / 2,
        )
        for c in known
    ]
    before, after = lead_time(known, FOUR_WEEKS), lead_time(later, FOUR_WEEKS)
    assert before.n == after.n
    if before.value is not None:
        assert 0 <= after.value <= before.value


def test_a_change_that_a_retry_saved_had_failed_and_was_restored_by_it():
    saved = replace(change(1), failed_at=NOW - 2 * DAY)
    changes = [change(5), saved]
    assert change_failure_rate(changes, [], FOUR_WEEKS).value == 50
    assert deployment_frequency(changes, FOUR_WEEKS).n == 2
    assert failures_of(events_of(changes)) == [Failure(NOW - 2 * DAY, NOW - DAY)]


def test_a_change_that_failed_did_so_when_its_first_attempt_did():
    lost = replace(change(1, succeeded=False), failed_at=NOW - 2 * DAY)
    assert failures_of(events_of([lost])) == [Failure(NOW - 2 * DAY, None)]
    assert failures_of(events_of([replace(lost, failed_at=None)])) == [Failure(NOW - DAY, None)]


@given(CHANGES, INSTANTS, st.randoms())
def test_the_order_changes_nothing(changes, rollbacks, random):
    shuffled = random.sample(changes, len(changes))
    for figure in (lead_time, deployment_frequency):
        assert figure(changes, FOUR_WEEKS) == figure(shuffled, FOUR_WEEKS)
    assert change_failure_rate(changes, rollbacks, FOUR_WEEKS) == change_failure_rate(
        shuffled, rollbacks[::-1], FOUR_WEEKS
    )


@given(EVENTS, st.randoms())
def test_failures_follow_one_another_and_begin_and_end_with_events(given_events, random):
    found = failures_of(given_events)
    assert found == failures_of(random.sample(given_events, len(given_events)))
    assert all(failure.restored_at for failure in found[:-1])
    ends = [at for failure in found for at in (failure.began_at, failure.restored_at) if at]
    assert ends == sorted(ends)
    assert {f.began_at for f in found} <= {at for at, worked in given_events if not worked}
    assert {f.restored_at for f in found} - {None} <= {at for at, worked in given_events if worked}


@given(CHANGES, st.integers(1, 59))
def test_a_frequency_adds_up_over_parts_of_the_window(changes, days):
    middle, start = NOW - days * DAY, NOW - 60 * DAY
    tick = dt.timedelta(microseconds=1)
    whole = deployment_frequency(changes, Window(since=start, until=NOW))
    parts = [Window(since=start, until=middle - tick), Window(since=middle, until=NOW)]
    assert whole.n == sum(deployment_frequency(changes, part).n for part in parts)
