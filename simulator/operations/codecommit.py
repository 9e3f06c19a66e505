"""AWS CodeCommit: repositories and approval rule templates of a region.

A repository's `_templates` are the names of those associated with it, `_triggers` its triggers;
with `_error` (a code) it is listed, but cannot be described.
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
