"""AWS CodeBuild: the build projects of a region."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

MOST_AT_ONCE = 100


@operation("codebuild", "ListProjects")
def list_projects(call: Call) -> dict[str, Any]:
    names = [project["name"] for project in call.place.all("codebuild.projects")]
    return call.page(
        names,
        "projects",
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=2,
        bad_token="InvalidInputException",  # noqa: S106 - the name of an error
    )


@operation("codebuild", "BatchGetProjects")
def batch_get_projects(call: Call) -> dict[str, Any]:
    names = call.parameters["names"]
    if len(names) > MOST_AT_ONCE:
        raise AwsError("InvalidInputException", "At most 100 names are allowed.")
    known = {name: call.place.find("codebuild.projects", name=name) for name in names}
    return {
        "projects": [project for project in known.values() if project is not None],
        "projectsNotFound": [name for name, project in known.items() if project is None],
    }


@operation("codebuild", "ListSourceCredentials")
def list_source_credentials(call: Call) -> dict[str, Any]:
    return {"sourceCredentialsInfos": call.place.all("codebuild.credentials")}
