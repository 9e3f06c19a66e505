"""Repositories for the tables of the checks."""

from findings.facts.codecommit import ApprovalRule, BranchHistory, Repository
from tests.findings.checks.cases import ACCOUNT, REGION, ago


def approval(template="two-eyes", approvals=1, branches=None):
    return ApprovalRule(template=template, approvals=approvals, branches=branches)


def repository(name="shop", **fields):
    given = {
        "arn": f"arn:aws:codecommit:{REGION}:{ACCOUNT}:{name}",
        "default_branch": "main",
        "created_at": ago(days=900),
        "modified_at": ago(days=3),
        "approval_rules": (approval(),),
        "triggers": (),
    }
    return Repository(name=name, **(given | fields))


def history(name="shop", **fields):
    """Twenty merges in a row."""
    given = {"merged": 20, "pushed": None, "is_first": None}
    return BranchHistory(repository=name, **(given | fields))
