"""How default branches changed."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import StubbedSession
from tests.workers.collectors.test_codecommit import listing
from workers.collectors.codecommit_branches import (
    MOST_MERGES,
    MOST_PULL_REQUESTS,
    branch_histories,
    parse_merges,
)

MAIN = "refs/heads/main"
DENIED = "AccessDeniedException"


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def target(before="b", source="s", made=None, **fields):
    merged = {"isMerged": True} | ({"mergeCommitId": made} if made else {})
    return {
        "repositoryName": "a",
        "destinationReference": MAIN,
        "destinationCommit": before,
        "sourceCommit": source,
        "mergeMetadata": merged,
        **fields,
    }


def request(*targets):
    return {"pullRequest": {"pullRequestTargets": list(targets)}}


def asked_for(session, tip, *requests, numbers=None):
    listing(session, "a")
    branch = {"branch": {"branchName": "main", "commitId": tip}}
    session.answer("codecommit", "get_branch", branch, repositoryName="a", branchName="main")
    numbers = [str(n) for n in range(len(requests))] if numbers is None else numbers
    wanted = {"repositoryName": "a", "pullRequestStatus": "CLOSED"}
    session.answer("codecommit", "list_pull_requests", {"pullRequestIds": numbers}, **wanted)
    for number, told in enumerate(requests):
        session.answer("codecommit", "get_pull_request", told, pullRequestId=str(number))


def commit(session, id_, *parents):
    told = {"commit": {"commitId": id_, "parents": list(parents)}}
    session.answer("codecommit", "get_commit", told, repositoryName="a", commitId=id_)


def test_merges_are_followed_from_the_tip_whatever_their_order(session):
    older, newer = request(target("c0", "s1", "c1")), request(target("c1", "c2"))
    asked_for(session, "c2", older, newer)
    commit(session, "c0")
    (found,) = branch_histories(session)
    assert (found.merged, found.pushed, found.is_first) == (2, "c0", True)


def test_a_commit_that_nothing_merged_was_pushed(session):
    asked_for(session, "c2", request(target("c0", "s1", "c1")))
    commit(session, "c2", "c1")
    (found,) = branch_histories(session)
    assert (found.merged, found.pushed, found.is_first) == (0, "c2", False)


def test_no_more_is_read_than_the_sample_needs(session):
    merges = [request(target(f"c{n + 1}", "s", f"c{n}")) for n in range(MOST_MERGES)]
    asked_for(session, "c0", *merges, numbers=[str(n) for n in range(100)])
    (found,) = branch_histories(session)
    assert (found.merged, found.pushed, found.is_first) == (MOST_MERGES, None, None)


def test_too_many_pull_requests_are_not_known(session):
    others = [request(target(f"x{n}", "s", f"y{n}")) for n in range(MOST_PULL_REQUESTS)]
    asked_for(session, "c0", *others, numbers=[str(n) for n in range(MOST_PULL_REQUESTS + 1)])
    (found,) = branch_histories(session)
    assert found.gaps["merged"].reason is GapReason.CAPPED


def test_as_many_as_are_read_are_known(session):
    others = [request(target(f"x{n}", "s", f"y{n}")) for n in range(MOST_PULL_REQUESTS)]
    asked_for(session, "c0", *others)
    commit(session, "c0")
    assert [found.merged for found in branch_histories(session)] == [0]


def test_a_refused_commit_costs_whether_it_is_the_first(session):
    asked_for(session, "c0")
    session.refuse("codecommit", "get_commit", DENIED)
    (found,) = branch_histories(session)
    assert found.pushed == "c0"
    assert set(found.gaps) == {"is_first"}


def test_a_refused_branch_or_listing_costs_the_history(session):
    listing(session, "a", "b")
    session.refuse("codecommit", "get_branch", DENIED)
    branch = {"branch": {"commitId": "c0"}}
    session.answer("codecommit", "get_branch", branch)
    session.refuse("codecommit", "list_pull_requests", DENIED)
    for found in branch_histories(session):
        assert found.gaps["merged"].reason is GapReason.ACCESS_DENIED


def test_a_refused_pull_request_costs_the_history(session):
    asked_for(session, "c0", numbers=["0"])
    session.refuse("codecommit", "get_pull_request", DENIED)
    (found,) = branch_histories(session)
    assert found.gaps["merged"].reason is GapReason.ACCESS_DENIED


def test_a_branch_whose_tip_is_not_told_is_not_known(session):
    listing(session, "a")
    session.answer("codecommit", "get_branch", {"branch": {}})
    (found,) = branch_histories(session)
    assert found.gaps["merged"].operation == "codecommit:GetBranch"


@pytest.mark.parametrize("gone", ["RepositoryDoesNotExist", "BranchDoesNotExist"])
def test_what_is_gone_meanwhile_is_left_out(session, gone):
    listing(session, "a")
    session.refuse("codecommit", "get_branch", f"{gone}Exception")
    assert list(branch_histories(session)) == []


def test_without_a_default_branch_nothing_is_asked(session):
    session.answer(
        "codecommit",
        "list_repositories",
        {"repositories": [{"repositoryName": "a", "repositoryId": "1"}]},
    )
    empty = {"repositories": [{"repositoryName": "a"}]}
    session.answer("codecommit", "batch_get_repositories", empty)
    assert list(branch_histories(session)) == []


@pytest.mark.parametrize(
    "other",
    [
        {"repositoryName": "b"},
        {"destinationReference": "refs/heads/develop"},
        {"mergeMetadata": {"isMerged": False}},
        {"mergeMetadata": {}},
        {"sourceCommit": None},
    ],
)
def test_only_merges_into_the_branch_count(other):
    assert list(parse_merges(request(target(**other)), "a", MAIN)) == []


def test_a_merge_that_does_not_tell_what_was_before_ends_what_is_known():
    ((made, before),) = parse_merges(request(target(None, made="m")), "a", MAIN)
    assert (made, before.operation) == ("m", "codecommit:GetPullRequest")


def test_a_merge_that_changed_nothing_leads_nowhere():
    assert list(parse_merges(request(target("s", "s")), "a", MAIN)) == []
