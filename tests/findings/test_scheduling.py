import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.scheduling import ScheduleError, Timetable, next_runs

PARIS = ZoneInfo("Europe/Paris")


def paris(*moment):
    return dt.datetime(*moment, tzinfo=PARIS)


def runs(cron, after, number):
    """The next runs in Paris, as the clock on the wall shows them."""
    timetable = Timetable(cron=cron, time_zone="Europe/Paris")
    found = (run.astimezone(PARIS) for run in next_runs(timetable, after, number))
    return [f"{run:%d %H:%M %z}" for run in found]


def test_on_the_day_without_half_past_two_the_job_runs_at_three():
    assert runs("30 2 * * *", paris(2026, 3, 28, 12), 2) == ["29 03:00 +0200", "30 02:30 +0200"]


def test_on_the_day_with_two_half_past_twos_the_job_runs_once():
    assert runs("30 2 * * *", paris(2026, 10, 24, 12), 2) == ["25 02:30 +0200", "26 02:30 +0100"]


def test_an_hourly_job_runs_in_both_of_the_doubled_hours():
    assert runs("30 * * * *", paris(2026, 10, 25, 1), 4) == [
        "25 01:30 +0200",
        "25 02:30 +0200",
        "25 02:30 +0100",
        "25 03:30 +0100",
    ]


@pytest.mark.parametrize(
    ("cron", "sentence"),
    [
        ("", "is not a cron expression. Give five fields"),
        ("0 3 * *", "is not a cron expression. Give five fields"),
        ("0 3 * * * *", "is not a cron expression. Give five fields"),
        ("@daily", "is not a cron expression. Give five fields"),
        ("61 3 * * *", "minute"),
        ("0 3 31 2 *", "Give five fields|never comes"),
        ("a b c d e", "Give five fields"),
    ],
)
def test_a_wrong_expression_says_what_to_write(cron, sentence):
    with pytest.raises(ScheduleError, match=sentence):
        Timetable(cron=cron)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "+02:00"])
def test_a_wrong_time_zone_names_right_ones(name):
    with pytest.raises(ScheduleError, match="Use a name such as UTC or Europe/Paris"):
        Timetable(cron="0 3 * * *", time_zone=name)


@given(st.text(min_size=1, max_size=8))
def test_jitter_stays_within_its_limit_and_is_the_same_for_the_same_seed(seed):
    timetable = Timetable(cron="0 3 * * *", jitter=dt.timedelta(minutes=30))
    after = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    run = timetable.next_run(after, seed=seed)
    begin = dt.datetime(2026, 3, 3, 3, tzinfo=dt.UTC)
    assert begin <= run <= begin + dt.timedelta(minutes=30)
    assert run == timetable.next_run(after, seed=seed)


def test_schedules_of_one_time_spread_over_the_jitter():
    timetable = Timetable(cron="0 3 * * *", jitter=dt.timedelta(minutes=30))
    after = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    assert len({timetable.next_run(after, seed=str(n)) for n in range(20)}) > 10
