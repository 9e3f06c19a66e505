"""AWS CodeBuild: the build projects of a region.

A project's `_builds` are its builds, each with its `_age` and how many `_seconds` it ran after half
a minute in the queue, or None while it runs.
"""

from datetime import datetime, timedelta
from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

MOST_AT_ONCE = 100
QUEUED = timedelta(seconds=30)


@operation("codebuild", "ListProjects")
def list_projects(call: Call) -> dict[str, Any]:
    names = [project["name"] for project in call.place.all("codebuild.projects")]
    return call.page(
        names,
        "projects",
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=4,
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


@operation("codebuild", "ListBuildsForProject")
def list_builds_for_project(call: Call) -> dict[str, Any]:
    project = call.place.find("codebuild.projects", name=call.parameters["projectName"])
    if project is None:
        raise AwsError("ResourceNotFoundException", "There is no such project.")
    oldest_first = call.parameters.get("sortOrder") == "ASCENDING"
    builds = sorted(project.get("_builds", ()), key=lambda b: b["_age"], reverse=oldest_first)
    return call.page(
        [build["id"] for build in builds],
        "ids",
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=MOST_AT_ONCE,
        bad_token="InvalidInputException",  # noqa: S106 - the name of an error
    )


@operation("codebuild", "BatchGetBuilds")
def batch_get_builds(call: Call) -> dict[str, Any]:
    ids = call.parameters["ids"]
    if len(ids) > MOST_AT_ONCE:
        raise AwsError("InvalidInputException", "At most 100 ids are allowed.")
    projects = call.place.all("codebuild.projects")
    known = {build["id"]: build for found in projects for build in found.get("_builds", ())}
    now = call.place.clock()
    return {
        "builds": [_dated(known[id_], now) for id_ in ids if id_ in known],
        "buildsNotFound": [id_ for id_ in ids if id_ not in known],
    }


def _dated(build: dict[str, Any], now: datetime) -> dict[str, Any]:
    started = now - build["_age"]
    seconds = build["_seconds"]
    waited = {"phaseType": "QUEUED", "phaseStatus": "SUCCEEDED", "durationInSeconds": 30}
    ended = None if seconds is None else started + QUEUED + timedelta(seconds=seconds)
    return {**build, "startTime": started, "endTime": ended, "phases": [waited]}


GROUPS = "codebuild.report_groups"


@operation("codebuild", "ListReportGroups")
def list_report_groups(call: Call) -> dict[str, Any]:
    return _page(call, [group["arn"] for group in call.place.all(GROUPS)], "reportGroups")


@operation("codebuild", "BatchGetReportGroups")
def batch_get_report_groups(call: Call) -> dict[str, Any]:
    arns = call.parameters["reportGroupArns"]
    groups = [group for group in call.place.all(GROUPS) if group["arn"] in arns]
    return {"reportGroups": groups, "reportGroupsNotFound": []}


@operation("codebuild", "ListReportsForReportGroup")
def list_reports_for_report_group(call: Call) -> dict[str, Any]:
    """Reports of a group are its `_reports`, each with its `_age`."""
    group = call.place.find(GROUPS, arn=call.parameters["reportGroupArn"])
    if group is None:
        raise AwsError("ResourceNotFoundException", "There is no such report group.")
    wanted = (call.parameters.get("filter") or {}).get("status")
    oldest_first = call.parameters.get("sortOrder") == "ASCENDING"
    reports = sorted(group["_reports"], key=lambda found: found["_age"], reverse=oldest_first)
    found = [report["arn"] for report in reports if wanted in (None, report["status"])]
    return _page(call, found, "reports", size=100)


@operation("codebuild", "BatchGetReports")
def batch_get_reports(call: Call) -> dict[str, Any]:
    arns, now = call.parameters["reportArns"], call.place.clock()
    reports = [report for group in call.place.all(GROUPS) for report in group["_reports"]]
    found = [{**report, "created": now - report["_age"]} for report in reports]
    return {"reports": [report for report in found if report["arn"] in arns]}


def _page(call: Call, items: list[str], key: str, size: int = 2) -> dict[str, Any]:
    return call.page(
        items,
        key,
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=size,
        limit_in="maxResults",
        bad_token="InvalidInputException",  # noqa: S106 - the name of an error
    )
