"""Builds of projects."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.codebuild_runs import build_histories, parse_build

STARTED = NOW - timedelta(hours=1)


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def listing(session, **ids):
    session.answer("codebuild", "list_projects", {"projects": list(ids)})
    for name, found in ids.items():
        if isinstance(found, str):
            session.refuse("codebuild", "list_builds_for_project", found)
        else:
            session.answer(
                "codebuild",
                "list_builds_for_project",
                {"ids": found, "nextToken": "older"} if found else {},
                projectName=name,
                sortOrder="DESCENDING",
            )


def raw(id_, started=STARTED, **fields):
    return {"id": id_, "buildStatus": "SUCCEEDED", "startTime": started, **fields}


def test_builds_of_all_projects_are_described_together(session):
    listing(session, a=["a:1", "a:2"], b=["b:1"], c=[])
    older = NOW - timedelta(days=2)
    builds = [raw("b:1"), raw("a:2", older), raw("a:1")]
    session.answer("codebuild", "batch_get_builds", {"builds": builds}, ids=["a:1", "a:2", "b:1"])
    found = {history.project: history.builds for history in build_histories(session)}
    assert [build.started_at for build in found["a"]] == [STARTED, older]
    assert (len(found["b"]), found["c"]) == (1, ())


def test_builds_that_are_gone_or_have_no_start_are_left_out(session):
    listing(session, a=["a:1", "a:2"])
    builds = [{"id": "a:2", "buildStatus": "SUCCEEDED"}, {}]
    session.answer("codebuild", "batch_get_builds", {"builds": builds, "buildsNotFound": ["a:1"]})
    (history,) = build_histories(session)
    assert history.builds == ()


def test_a_denied_list_costs_the_builds_of_that_project(session):
    listing(session, a="AccessDeniedException", b=["b:1"])
    session.answer("codebuild", "batch_get_builds", {"builds": [raw("b:1")]}, ids=["b:1"])
    a, b = build_histories(session)
    assert a.gaps["builds"].reason is GapReason.ACCESS_DENIED
    assert len(b.builds) == 1


def test_denied_descriptions_are_a_gap_where_there_are_builds(session):
    listing(session, a=["a:1"], b=[])
    session.refuse("codebuild", "batch_get_builds", "AccessDeniedException")
    a, b = build_histories(session)
    assert (a.gaps.keys(), b.builds) == ({"builds"}, ())


def test_a_project_that_was_deleted_meanwhile_is_left_out(session):
    listing(session, a="ResourceNotFoundException")
    assert list(build_histories(session)) == []


def test_the_time_in_the_queue_does_not_count():
    phases = [
        {"phaseType": "QUEUED", "durationInSeconds": 30},
        {"phaseType": "BUILD", "durationInSeconds": 50},
        {"phaseType": "COMPLETED"},
    ]
    ended = STARTED + timedelta(seconds=90)
    build = parse_build(raw("a:1", endTime=ended, phases=phases, sourceVersion="main"))
    assert (build.status, build.seconds, build.source_version) == ("SUCCEEDED", 60, "main")
    assert parse_build({"startTime": STARTED}).seconds is None
