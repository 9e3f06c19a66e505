"""What pipelines have deployed."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors import codepipeline_deployments as module
from workers.collectors.codepipeline_deployments import (
    parse_pipeline_deployments,
    pipeline_deployments,
)

SINCE = NOW - timedelta(days=90)
LISTED = {"pipelines": [{"name": "shop"}]}


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def raw(category="Deploy", days=1.0, execution="e-1", status="Succeeded", **variables):
    """An action that took ten minutes."""
    ended = NOW - timedelta(days=days)
    kind = {"category": category, "owner": "AWS", "provider": "ECS", "version": "1"}
    return {
        "pipelineExecutionId": execution,
        "stageName": "Prod",
        "actionName": category,
        "status": status,
        "startTime": ended - timedelta(minutes=10),
        "lastUpdateTime": ended,
        "input": {"actionTypeId": kind},
        "output": {"outputVariables": variables},
    }


def asks(session, answer, **more):
    session.answer(
        "codepipeline",
        "list_action_executions",
        answer,
        pipelineName="shop",
        maxResults=100,
        **more,
    )


def test_no_pipeline_costs_no_further_call(session):
    session.answer("codepipeline", "list_pipelines", {"pipelines": []})
    assert list(pipeline_deployments(session)) == []


def test_a_pipeline_that_never_ran_has_deployed_nothing(session):
    session.answer("codepipeline", "list_pipelines", LISTED)
    asks(session, {"actionExecutionDetails": []})
    (found,) = pipeline_deployments(session)
    assert (found.pipeline, found.known_from, found.runs) == ("shop", SINCE, ())


def test_pages_are_read_until_they_are_older_than_ninety_days(session):
    session.answer("codepipeline", "list_pipelines", LISTED)
    asks(session, {"actionExecutionDetails": [raw(days=80)], "nextToken": "a"})
    older = [raw(days=90, execution="e-2"), raw(days=90.1, execution="e-3")]
    asks(session, {"actionExecutionDetails": older, "nextToken": "b"}, nextToken="a")
    (found,) = pipeline_deployments(session)
    assert [run.execution for run in found.runs] == ["e-2", "e-1"]
    assert found.known_from == SINCE


@pytest.mark.parametrize(("more", "days"), [({"nextToken": "b"}, 3), ({}, 90)])
def test_no_more_pages_are_read_than_allowed_and_only_so_much_is_known(
    session, monkeypatch, more, days
):
    monkeypatch.setattr(module, "PAGES", 2)
    session.answer("codepipeline", "list_pipelines", LISTED)
    asks(session, {"actionExecutionDetails": [raw(days=1)], "nextToken": "a"})
    last = raw(days=3)
    last["startTime"] = last["lastUpdateTime"]
    asks(session, {"actionExecutionDetails": [last], **more}, nextToken="a")
    (found,) = pipeline_deployments(session)
    assert found.known_from == NOW - timedelta(days=days)
    assert len(found.runs) == 2


def test_what_is_refused_of_one_pipeline_leaves_it_unknown(session):
    session.answer("codepipeline", "list_pipelines", LISTED)
    session.refuse("codepipeline", "list_action_executions", "AccessDeniedException")
    (found,) = pipeline_deployments(session)
    assert found.pipeline == "shop"
    assert found.gaps["runs"].reason is GapReason.ACCESS_DENIED


def parsed(*actions):
    return parse_pipeline_deployments("shop", actions, SINCE).runs


def test_sources_tests_and_approvals_deploy_nothing():
    categories = ("Source", "Build", "Test", "Approval", "Deploy", "Invoke", "Compute")
    found = parsed(*(raw(category, hours) for hours, category in enumerate(categories)))
    assert {run.action for run in found} == {"Build", "Deploy", "Invoke", "Compute"}


def test_an_execution_began_with_its_first_action():
    (run,) = parsed(raw(days=1), raw("Source", days=2), raw("Source", days=5, execution="other"))
    assert run.execution_began_at == NOW - timedelta(days=2, minutes=10)
    assert run.ended_at == NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("variables", "days"),
    [
        ({"CommitterDate": "2026-06-01T10:00:00Z", "AuthorDate": "2026-05-01T10:00:00Z"}, "06-01"),
        ({"AuthorDate": "2026-05-01T12:00:00+02:00"}, "05-01"),
        ({"AuthorDate": "2026-05-01T10:00:00"}, "05-01"),
        ({"AuthorDate": "yesterday"}, None),
        ({"CommitId": "abc"}, None),
        ({}, None),
    ],
)
def test_a_source_tells_when_its_commit_was_made(variables, days):
    (run,) = parsed(raw(), raw("Source", days=2, **variables))
    told = run.committed_at
    assert (told and f"{told:%m-%d %H:%M}") == (days and f"{days} 10:00")
    assert "abc" not in repr(run)


def test_of_several_sources_the_newest_commit_counts_and_of_other_actions_none():
    sources = [
        raw("Source", 2, CommitterDate="2026-06-01T10:00:00Z"),
        raw("Source", 2, CommitterDate="2026-06-02T10:00:00Z"),
        raw("Build", 1.5, CommitterDate="2026-06-03T10:00:00Z"),
    ]
    runs = parsed(raw(), *sources)
    assert {f"{run.committed_at:%m-%d}" for run in runs} == {"06-02"}


def test_a_sparse_answer_is_read():
    (run,) = parsed({"startTime": NOW, "input": {"actionTypeId": raw()["input"]["actionTypeId"]}})
    assert (run.execution, run.stage, run.action, run.status) == ("", "", "", "")
    assert run.ended_at == run.execution_began_at == NOW
