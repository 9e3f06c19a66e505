"""Amazon ECR: the private repositories of a region."""

from typing import Any

from simulator.operations.base import Call, operation


@operation("ecr", "DescribeRepositories")
def describe_repositories(call: Call) -> dict[str, Any]:
    return call.page(
        call.place.all("ecr.repositories"),
        "repositories",
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=2,
        limit_in="maxResults",
        bad_token="InvalidParameterException",  # noqa: S106 - the name of an error
    )
