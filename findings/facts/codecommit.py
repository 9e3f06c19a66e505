"""Facts of CodeCommit: repositories and the approvals they ask for."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record


class ApprovalRule(Record):
    """What an associated approval rule template asks of pull requests.

    ``branches`` are references like ``refs/heads/main``; None stands for all branches.
    """

    template: str
    approvals: int
    branches: tuple[str, ...] | None


class Repository(
    Fact,
    kind="codecommit.repository",
    identity=("name",),
    version=2,
    since={"triggers": 2},
):
    """``default_branch`` is the name alone, and None in a repository without commits.

    ``triggers`` are the names of those that tell a topic or a function of changes.
    """

    name: str
    arn: str
    default_branch: str | None
    created_at: datetime | None
    modified_at: datetime | None
    approval_rules: tuple[ApprovalRule, ...]
    triggers: tuple[str, ...]


class BranchHistory(Fact, kind="codecommit.branch_history", identity=("repository",)):
    """How the default branch of a repository came to where it is, from its tip back.

    ``merged`` counts its newest changes that pull requests merged one after the other, up to 20;
    ``pushed`` is the commit before them, which none merged, or None where so many were.
    ``is_first`` says whether that commit has no parent, and is None where there is none.
    """

    repository: str
    merged: int
    pushed: str | None
    is_first: bool | None
