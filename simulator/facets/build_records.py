"""A build project as AWS describes it, for every facet that puts one."""

from datetime import timedelta
from typing import Any

from simulator.facets.base import default_answers
from simulator.places import Place

BRANCH = {"name": "BRANCH", "value": "main", "type": "PLAINTEXT"}
SECRETS, PRIVILEGED = "codebuild_no_plaintext_secrets", "codebuild_project_not_privileged"
LOGS = "codebuild_logs_enabled"
CONTROLLED = "codebuild_buildspec_controlled"
BOUNDED, GREEN = "codebuild_project_timeout_bounded", "codebuild_success_rate"
USUAL = {
    SECRETS: "pass",
    PRIVILEGED: "pass",
    LOGS: "pass",
    CONTROLLED: "not_applicable",
    BOUNDED: "pass",
    GREEN: "pass",
}
"""What the checks say of a project that is put without changes."""


def put_project(place: Place, name: str, **changed: Any) -> None:
    """A project that builds a repository on GitHub, and does what is asked of it."""
    place.put(
        "codebuild.projects",
        {
            "name": name,
            "arn": place.arn("codebuild", f"project/{name}"),
            "source": {"type": "GITHUB", "location": "https://github.com/example/shop.git"},
            "artifacts": {"type": "NO_ARTIFACTS"},
            "environment": environment(),
            "serviceRole": f"arn:aws:iam::{place.account.id}:role/build",
            "timeoutInMinutes": 60,
            "queuedTimeoutInMinutes": 60,
            "tags": [{"key": "Team", "value": "web"}],
            "created": place.ago(days=300),
            "lastModified": place.ago(days=30),
            "logsConfig": {"cloudWatchLogs": {"status": "ENABLED"}},
            "projectVisibility": "PRIVATE",
            "_builds": [build(place, name, "SUCCEEDED", hours=2)],
            **changed,
        },
    )


def build(
    place: Place,
    project: str,
    status: str,
    *,
    seconds: int | None = 300,
    number: int = 1,
    version: str | None = None,
    **age: float,
) -> dict[str, Any]:
    """A build that took five minutes, unless told otherwise."""
    id_ = f"{project}:{place.uuid(f'build {project} {number}')}"
    return {
        "id": id_,
        "arn": place.arn("codebuild", f"build/{id_}"),
        "buildNumber": number,
        "projectName": project,
        "buildStatus": status,
        "sourceVersion": version,
        "_age": timedelta(**age),
        "_seconds": seconds,
    }


def environment(*variables: dict[str, str], **changed: Any) -> dict[str, Any]:
    return {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": list(variables or (BRANCH,)),
        "privilegedMode": False,
        **changed,
    }


@default_answers("codebuild.projects")
def usual(place: Place, project: dict[str, Any]) -> None:
    for check, status in USUAL.items():
        place.expect(check, status, resource=project["name"])
