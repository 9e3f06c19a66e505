"""Collector of how default branches changed: by merges of pull requests, or otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from findings.facts.base import Gap, GapReason, not_told
from findings.facts.codecommit import BranchHistory
from workers.collectors.base import Collector, Response, Session, pick, unread
from workers.collectors.codecommit import described_repositories
from workers.collectors.paging import detail_items

MOST_MERGES = 20
MOST_PULL_REQUESTS = 60
"""Read of each repository; among them are those that were not merged, or to other branches."""

BRANCH, PULL_REQUEST, COMMIT = (
    "codecommit:GetBranch",
    "codecommit:GetPullRequest",
    "codecommit:GetCommit",
)
CAPPED = Gap(kind=BranchHistory.kind, reason=GapReason.CAPPED, operation=PULL_REQUEST)


@Collector(
    fact=BranchHistory,
    operations=(
        "codecommit:ListRepositories",
        "codecommit:BatchGetRepositories",
        BRANCH,
        "codecommit:ListPullRequests",
        PULL_REQUEST,
        COMMIT,
    ),
)
def branch_histories(session: Session) -> Iterator[BranchHistory]:
    """Of repositories that have a default branch: those without have no commit."""
    client = session.client("codecommit")
    gone = (
        client.exceptions.RepositoryDoesNotExistException,
        client.exceptions.BranchDoesNotExistException,
    )
    for answer in described_repositories(session):
        for raw in answer.get("repositories") or ():
            if raw.get("defaultBranch"):
                try:
                    yield _history(session, raw["repositoryName"], raw["defaultBranch"])
                except gone:
                    continue  # it was deleted after it was listed


def _history(session: Session, repository: str, branch: str) -> BranchHistory:
    client = session.client("codecommit")
    told = session.detail(client.get_branch, repositoryName=repository, branchName=branch)
    merges = _Merges(session, repository, f"refs/heads/{branch}")
    commit = pick(told, "branch", "commitId", default=not_told(BranchHistory.kind, BRANCH))
    merged, before = 0, commit
    while merged < MOST_MERGES and isinstance(before, str):
        commit, before = before, merges.before(before)
        merged += before is not None
    if isinstance(before, Gap):
        return unread(BranchHistory, before, repository=repository)
    pushed = commit if before is None else None
    return BranchHistory(
        repository=repository,
        merged=merged,
        pushed=pushed,
        is_first=_is_first(session, repository, pushed),
    )


def _is_first(session: Session, repository: str, commit: str | None) -> Any:
    if commit is None:
        return None
    read = session.client("codecommit").get_commit
    told = session.detail(read, repositoryName=repository, commitId=commit)
    return told if isinstance(told, Gap) else not pick(told, "commit", "parents")


@dataclass
class _Merges:
    """The merges of closed pull requests into a branch, read as far as somebody asks for one.

    Each leads from the tip that the branch had to the one it has got.
    """

    session: Session
    repository: str
    reference: str
    known: dict[str, str | Gap] = field(default_factory=dict)
    left: Iterator[str | Gap] | None = None

    def before(self, commit: str) -> str | Gap | None:
        """The tip before the merge that made this commit the tip; None where none did."""
        if self.left is None:
            self.left = self._closed()
        while commit not in self.known:
            number = next(self.left, None)
            if number is None or isinstance(number, Gap):
                return number
            told = self._read(number)
            if isinstance(told, Gap):
                return told
            self.known.update(parse_merges(told, self.repository, self.reference))
        return self.known[commit]

    def _closed(self) -> Iterator[str | Gap]:
        """Numbers of closed pull requests, and a gap in place of those that are too many."""
        method = self.session.client("codecommit").list_pull_requests
        found = detail_items(
            self.session,
            method,
            "pullRequestIds",
            token="nextToken",  # noqa: S106 - the name of a member
            repositoryName=self.repository,
            pullRequestStatus="CLOSED",
        )
        if isinstance(found, Gap):
            yield found
            return
        yield from found[:MOST_PULL_REQUESTS]
        if len(found) > MOST_PULL_REQUESTS:
            yield CAPPED

    def _read(self, number: str) -> Response | Gap:
        method = self.session.client("codecommit").get_pull_request
        return self.session.detail(method, pullRequestId=number)


def parse_merges(
    response: Response, repository: str, reference: str
) -> Iterator[tuple[str, str | Gap]]:
    """The tip that a merge made, and the one before it.

    A fast-forward makes no commit of its own: the branch then is where the source was.
    https://docs.aws.amazon.com/codecommit/latest/APIReference/API_PullRequestTarget.html
    """
    for target in pick(response, "pullRequest", "pullRequestTargets", default=()):
        into = (target.get("repositoryName"), target.get("destinationReference"))
        if into == (repository, reference) and pick(target, "mergeMetadata", "isMerged"):
            made = pick(target, "mergeMetadata", "mergeCommitId") or target.get("sourceCommit")
            before = target.get("destinationCommit")
            if made and before != made:
                yield made, before or not_told(BranchHistory.kind, PULL_REQUEST)
