from datetime import UTC, datetime, timedelta

import pytest

from simulator.clock import Clock

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_every_look_is_later_than_the_one_before():
    clock = Clock(START)
    looks = [clock.look() for _ in range(1000)]
    assert sorted(set(looks)) == looks
    assert looks[0] > START


def test_looking_does_not_run_ahead_for_long(monkeypatch):
    seconds = iter([0.0, *[0.0] * 10, 60.0])
    monkeypatch.setattr("simulator.clock.monotonic", lambda: next(seconds))
    clock = Clock(START)
    for _ in range(10):
        clock.look()
    assert clock.look() == START + timedelta(seconds=60)


def test_a_reading_moves_nothing():
    clock = Clock(START)
    assert clock.reading() < clock.look() + timedelta(seconds=1)
    clock.set(START + timedelta(days=30))
    assert clock.reading() >= START + timedelta(days=30)


def test_an_instant_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="needs a time zone"):
        Clock(datetime(2026, 3, 1))
