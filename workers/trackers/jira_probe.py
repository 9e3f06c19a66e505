"""Whether a project of Jira can hold our tickets, tried without writing."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from findings.ticketing.state import StatusCategory
from workers.trackers.base import Json, ProbeStep, Target
from workers.trackers.errors import Configuration
from workers.trackers.jira_calls import JiraCalls
from workers.trackers.jira_issue import account_of, category_of
from workers.trackers.probing import skipped, step
from workers.trackers.statuses import About, understood

GIVEN = frozenset({"project", "issuetype", "summary", "description", "labels", "reporter"})
"""Fields that every issue of ours has, or that Jira fills."""
Fields = dict[str, dict[str, Any]]


def type_of(calls: JiraCalls, target: Target) -> dict[str, Json]:
    """The issue type: by its id or name; the project's first that is no sub-task if none is given.

    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ (create metadata)
    """
    named = target.issue_type
    if named.isdigit():
        return {"id": named}
    if named:
        return {"name": named}
    for kind in _types(calls, target):
        if not kind.get("subtask"):
            return {"id": str(kind["id"])}
    raise Configuration("the project has no type of issue", scope=target.project)


def fields_of_type(calls: JiraCalls, target: Target, kind: dict[str, Json]) -> Fields:
    """Fields that an issue of the type may be made with, by id. A type named by name is found."""
    number = kind.get("id")
    if number is None:
        named = [k for k in _types(calls, target) if k.get("name") == kind.get("name")]
        if not named:
            raise Configuration(
                f"the project has no type {kind.get('name')!r}", scope=target.project
            )
        number = str(named[0]["id"])
    listed = _meta(calls, target, f"/issuetypes/{quote(str(number), safe='')}", "fields")
    with understood("fields"):
        return {str(field.get("fieldId") or field["key"]): field for field in listed}


def probe(calls: JiraCalls, target: Target) -> tuple[ProbeStep, ...]:
    signed_in = step("authenticate", lambda: _authenticate(calls))
    project = step("project", lambda: _project(calls, target)) if signed_in.is_ok else None
    if project is None or not project.is_ok:
        later = ("required fields", "transitions")
        return (signed_in, project or skipped("project"), *(skipped(name) for name in later))
    return (
        signed_in,
        project,
        step("required fields", lambda: _required(calls, target)),
        step("transitions", lambda: _transitions(calls, target)),
    )


def _authenticate(calls: JiraCalls) -> tuple[bool, str]:
    me = calls.read("/myself", About(operation="authenticate", scopes_denial=False))
    with understood("authenticate"):
        return True, f"We are {me.get('displayName') or 'somebody'} ({account_of(me)})."


def _project(calls: JiraCalls, target: Target) -> tuple[bool, str]:
    path = f"/project/{quote(target.project, safe='')}"
    found = calls.read(path, About(operation="project", project=target.project))
    with understood("project"):
        return True, f"It is {found.get('name') or target.project}."


def _required(calls: JiraCalls, target: Target) -> tuple[bool, str]:
    has = fields_of_type(calls, target, type_of(calls, target))
    missing = sorted(
        f"{field.get('name', name)} ({name})"
        for name, field in has.items()
        if field.get("required")
        and not field.get("hasDefaultValue")
        and name not in GIVEN
        and name not in target.fields
    )
    if missing:
        return False, f"Give values in the route for {', '.join(missing)}."
    absent = sorted(name for name in ("summary", "description", "labels") if name not in has)
    if absent:
        return False, f"Put {', '.join(absent)} on the screen by which issues are made."
    return True, "Nothing is required that is not given."


def _transitions(calls: JiraCalls, target: Target) -> tuple[bool, str]:
    """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/"""
    path = f"/project/{quote(target.project, safe='')}/statuses"
    kinds = calls.read(path, About(operation="transitions", project=target.project))
    with understood("transitions"):
        categories = {category_of(status) for kind in kinds for status in kind["statuses"]}
    if StatusCategory.DONE not in categories:
        return False, "No status of the project is in the category Done; add one to its workflow."
    if categories == {StatusCategory.DONE}:
        return False, "Every status of the project is in the category Done; add one that is not."
    return True, "There are statuses that are done and that are not; moves are read per issue."


def _types(calls: JiraCalls, target: Target) -> list[dict[str, Any]]:
    return _meta(calls, target, "/issuetypes", "issueTypes")


def _meta(calls: JiraCalls, target: Target, below: str, name: str) -> list[dict[str, Any]]:
    """All pages of a list, which Cloud calls by its name and Data Center ``values``."""
    path = f"/issue/createmeta/{quote(target.project, safe='')}{below}"
    about = About(operation="create metadata", project=target.project)
    found: list[dict[str, Any]] = []
    while True:
        query = {"startAt": str(len(found)), "maxResults": "200"}
        body = calls.read(path, about, query)
        with understood(about.operation):
            page = list(body.get(name) or body.get("values") or [])
            found += page
            if not page or body.get("isLast") or len(found) >= int(body.get("total") or 0):
                return found
