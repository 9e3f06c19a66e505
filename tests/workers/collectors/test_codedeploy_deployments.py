"""Deployments of CodeDeploy that succeeded."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors import codedeploy_deployments as module
from workers.collectors.codedeploy_deployments import deployment_history

SINCE = NOW - timedelta(days=90)


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def lists(session, *ids):
    session.answer("codedeploy", "list_applications", {"applications": ["shop"]})
    session.answer(
        "codedeploy",
        "list_deployments",
        {"deployments": list(ids)},
        includeOnlyStatuses=["Succeeded"],
        createTimeRange={"start": SINCE},
    )


def describes(session, *raw):
    session.answer(
        "codedeploy",
        "batch_get_deployments",
        {"deploymentsInfo": list(raw)},
        deploymentIds=[one["deploymentId"] for one in raw],
    )


def test_a_region_without_deployments_costs_no_further_call(session):
    lists(session)
    (found,) = deployment_history(session)
    assert (found.key, found.known_from, found.succeeded) == ("eu-west-1", SINCE, ())


def test_without_applications_no_deployment_is_asked_for(session):
    session.answer("codedeploy", "list_applications", {"applications": []})
    (found,) = deployment_history(session)
    assert (found.known_from, found.succeeded) == (SINCE, ())


def test_they_are_described_in_batches(session, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    lists(session, "d-2", "d-1", "d-3")
    info = {"applicationName": "shop", "deploymentGroupName": "prod", "creator": "user"}
    times = {"createTime": NOW - timedelta(hours=2), "completeTime": NOW - timedelta(hours=1)}
    describes(session, {"deploymentId": "d-2", **info, **times}, {"deploymentId": "d-1"})
    describes(session, {"deploymentId": "d-3", "createTime": NOW})
    (found,) = deployment_history(session)
    first, second, third = found.succeeded
    assert (first.id, first.ended_at, first.creator) == ("d-1", None, None)
    assert (second.id, second.group_key, second.creator) == ("d-2", "shop/prod", "user")
    assert second.ended_at == NOW - timedelta(hours=1)
    assert third.ended_at == NOW


@pytest.mark.parametrize(("most", "is_known"), [(2, True), (1, False)])
def test_of_too_many_nothing_is_known(session, monkeypatch, most, is_known):
    monkeypatch.setattr(module, "MOST", most)
    lists(session, "d-1", "d-2")
    if is_known:
        describes(session, {"deploymentId": "d-1"}, {"deploymentId": "d-2"})
    (found,) = deployment_history(session)
    reasons = {name: gap.reason for name, gap in found.gaps.items()}
    assert reasons == (
        {} if is_known else dict.fromkeys(("known_from", "succeeded"), GapReason.CAPPED)
    )
