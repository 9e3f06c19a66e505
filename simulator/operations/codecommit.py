"""AWS CodeCommit: repositories and approval rule templates of a region.

A repository's `_templates` are the names of those associated with it, `_triggers` its triggers,
`_tip` the commit at the end of its default branch; with `_error` (a code) it is listed, but cannot
be described. Commits and pull requests tell their `_repository`.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

MOST_AT_ONCE = 25
_TOKENS = {
    "token_in": "nextToken",
    "token_out": "nextToken",
    "bad_token": "InvalidContinuationTokenException",
}


@operation("codecommit", "ListRepositories")
def list_repositories(call: Call) -> dict[str, Any]:
    found = [
        {"repositoryName": r["repositoryName"], "repositoryId": r["repositoryId"]}
        for r in call.place.all("codecommit.repositories")
    ]
    return call.page(found, "repositories", size=2, **_TOKENS)


@operation("codecommit", "BatchGetRepositories")
def batch_get_repositories(call: Call) -> dict[str, Any]:
    names = call.parameters["repositoryNames"]
    if len(names) > MOST_AT_ONCE:
        raise AwsError("MaximumRepositoryNamesExceededException", "At most 25 names are allowed.")
    known = [(name, _found(call, name)) for name in names]
    return {
        "repositories": [r for _, r in known if r is not None and "_error" not in r],
        "repositoriesNotFound": [name for name, r in known if r is None],
        "errors": [
            {
                "repositoryId": r["repositoryId"],
                "repositoryName": name,
                "errorCode": r["_error"],
                "errorMessage": "The repository cannot be read.",
            }
            for name, r in known
            if r is not None and "_error" in r
        ],
    }


def _found(call: Call, name: str) -> dict[str, Any] | None:
    return call.place.find("codecommit.repositories", repositoryName=name)


@operation("codecommit", "ListAssociatedApprovalRuleTemplatesForRepository")
def list_associated_approval_rule_templates(call: Call) -> dict[str, Any]:
    repository = _found(call, call.parameters["repositoryName"])
    if repository is None:
        raise AwsError("RepositoryDoesNotExistException", "There is no such repository.")
    return call.page(
        repository.get("_templates", ()), "approvalRuleTemplateNames", size=1, **_TOKENS
    )


@operation("codecommit", "GetApprovalRuleTemplate")
def get_approval_rule_template(call: Call) -> dict[str, Any]:
    name = call.parameters["approvalRuleTemplateName"]
    template = call.place.find("codecommit.templates", approvalRuleTemplateName=name)
    if template is None:
        raise AwsError("ApprovalRuleTemplateDoesNotExistException", "There is no such template.")
    return {"approvalRuleTemplate": template}


@operation("codecommit", "GetRepositoryTriggers")
def get_repository_triggers(call: Call) -> dict[str, Any]:
    repository = _found(call, call.parameters["repositoryName"])
    if repository is None:
        raise AwsError("RepositoryDoesNotExistException", "There is no such repository.")
    return {"triggers": repository.get("_triggers", [])}


@operation("codecommit", "GetBranch")
def get_branch(call: Call) -> dict[str, Any]:
    """Its model requires nothing; CodeCommit does."""
    given, name = (call.parameters.get(member) for member in ("repositoryName", "branchName"))
    if not given or not name:
        raise AwsError("RepositoryNameRequiredException", "Name the repository and the branch.")
    repository = _found(call, given)
    if repository is None:
        raise AwsError("RepositoryDoesNotExistException", "There is no such repository.")
    if name != repository["defaultBranch"]:
        raise AwsError("BranchDoesNotExistException", "There is no such branch.")
    return {"branch": {"branchName": name, "commitId": repository["_tip"]}}


@operation("codecommit", "ListPullRequests")
def list_pull_requests(call: Call) -> dict[str, Any]:
    """The newest first."""
    name, status = call.parameters["repositoryName"], call.parameters.get("pullRequestStatus")
    found = [
        request["pullRequestId"]
        for request in reversed(call.place.all("codecommit.pull_requests"))
        if request["_repository"] == name and status in (None, request["pullRequestStatus"])
    ]
    return call.page(found, "pullRequestIds", size=15, limit_in="maxResults", **_TOKENS)


@operation("codecommit", "GetPullRequest")
def get_pull_request(call: Call) -> dict[str, Any]:
    number = call.parameters["pullRequestId"]
    request = call.place.find("codecommit.pull_requests", pullRequestId=number)
    if request is None:
        raise AwsError("PullRequestDoesNotExistException", "There is no such pull request.")
    return {"pullRequest": request}


@operation("codecommit", "GetCommit")
def get_commit(call: Call) -> dict[str, Any]:
    wanted = {
        "_repository": call.parameters["repositoryName"],
        "commitId": call.parameters["commitId"],
    }
    commit = call.place.find("codecommit.commits", **wanted)
    if commit is None:
        raise AwsError("CommitIdDoesNotExistException", "There is no such commit.")
    return {"commit": commit}
