"""How many requests a caller may send in a minute."""

import datetime as dt

import pytest
import time_machine
from django.test import override_settings

from portal.api import rates
from tests.portal.api.conftest import with_token

NOW = dt.datetime(2026, 3, 2, 9, 0, 20, tzinfo=dt.UTC)


@pytest.fixture
def program(world, monkeypatch):
    monkeypatch.setattr(rates, "_counts", rates.Counts())
    with time_machine.travel(NOW, tick=False), override_settings(API_REQUESTS_A_MINUTE=2):
        yield with_token(world.person("viewer"))


def statuses(caller, number):
    return [caller.get("organizations/").status for _ in range(number)]


def test_who_asks_too_much_is_told_when_to_ask_again(program):
    assert statuses(program, 2) == [200, 200]
    answer = program.get("organizations/")
    assert (answer.status, answer.type) == (429, "application/problem+json")
    assert answer.headers["Retry-After"] == "40"
    with time_machine.travel(NOW + dt.timedelta(seconds=40), tick=False):
        assert program.get("organizations/").status == 200


def test_every_token_is_counted_by_itself(program, world, api):
    assert statuses(program, 3) == [200, 200, 429]
    assert statuses(with_token(world.person("viewer")), 3) == [200, 200, 429]
    assert statuses(api("viewer"), 3) == [200, 200, 429]


def test_zero_is_no_limit(program):
    with override_settings(API_REQUESTS_A_MINUTE=0):
        assert statuses(program, 5) == [200] * 5


def test_in_the_broker_all_processes_count_together(broker_url):
    with override_settings(CELERY_BROKER_URL=broker_url):
        assert [rates.Counts().add("x", 7) for _ in range(3)] == [1, 2, 3]
        assert rates.Counts().add("x", 8) == 1
        assert rates.Counts().add("y", 7) == 1


def test_without_the_broker_each_process_counts(caplog, tmp_path):
    counts = rates.Counts()
    with override_settings(CELERY_BROKER_URL=f"redis+socket://{tmp_path}/none.sock"):
        assert [counts.add("x", 7) for _ in range(3)] == [1, 2, 3]
        assert counts.add("x", 8) == 1
    assert len(caplog.records) == 1  # it is not asked again at once
