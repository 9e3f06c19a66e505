"""Fault experiments."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.fis import experiments, parse_experiment


def test_experiments_are_told_by_how_they_ended():
    session = StubbedSession()
    raw = {"id": "EXP1", "state": {"status": "completed", "reason": "done"}, "creationTime": NOW}
    session.answer("fis", "list_experiments", {"experiments": [raw | {"tags": {"a": "jane"}}]})
    (found,) = experiments(session)
    assert (found.id, found.status, found.created_at) == ("EXP1", "completed", NOW)
    assert "jane" not in repr(found)


@pytest.mark.parametrize(
    ("options", "runs"),
    [({}, True), ({"actionsMode": "run-all"}, True), ({"actionsMode": "skip-all"}, False)],
)
def test_an_experiment_that_skips_all_actions_runs_none(options, runs):
    assert parse_experiment({"id": "EXP1", "experimentOptions": options}).runs_actions is runs


def test_nothing_is_invented_for_what_an_experiment_does_not_say():
    found = parse_experiment({"id": "EXP1"})
    assert found.gaps["status"].reason is GapReason.NOT_IN_SCHEMA
    assert found.gaps["created_at"].reason is GapReason.NOT_SUPPLIED
    assert found.runs_actions
