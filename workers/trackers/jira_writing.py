"""What is sent to Jira to make and change issues, and what its projects have no place for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from findings.ticketing.state import StatusCategory
from workers.trackers.base import FieldChanges, Json, NewIssue, Target, TransitionOption
from workers.trackers.errors import Blocked, TrackerError
from workers.trackers.jira_calls import Dialect, JiraCalls
from workers.trackers.jira_issue import category_of, is_wont_do
from workers.trackers.jira_probe import fields_of_type, type_of
from workers.trackers.jira_reading import issue_path
from workers.trackers.statuses import About, understood
from workers.trackers.transport import Answer, Request

OPTIONAL = frozenset({"priority", "duedate", "labels"})
"""Ours that a project may lack; an issue without them is better than none."""
_DONE = ("done", "fixed", "resolved", "complete", "completed")


def create_request(calls: JiraCalls, target: Target, issue: NewIssue) -> Request:
    """What makes an issue. Reads which fields its type has, where the route gives some."""
    kind = type_of(calls, target)
    fields: dict[str, Json] = {}
    if target.fields:
        has = fields_of_type(calls, target, kind)
        fields = {name: value for name, value in target.fields.items() if name in has}
    fields |= {
        "project": {"key": target.project},
        "issuetype": kind,
        "summary": issue.title,
        "description": calls.dialect.spliced(None, issue.description),
        "labels": [*sorted(issue.labels | {issue.marker})],
    }
    if issue.priority:
        fields["priority"] = {"id": issue.priority}
    if issue.due_date:
        fields["duedate"] = issue.due_date.isoformat()
    return Request(method="POST", path=f"{calls.dialect.api}/issue", body={"fields": fields})


def create_sent(calls: JiraCalls, target: Target, request: Request) -> Answer:
    """Make it; where that is refused, without what its create screen has no place for."""
    about = About(operation="create", project=target.project, makes=True)
    try:
        return calls.send(request, about, issue_fields=True)
    except Blocked as error:
        kind: Any = request.body["fields"]["issuetype"]  # type: ignore[index,call-overload]
        try:
            has = frozenset(fields_of_type(calls, target, kind))
        except TrackerError:
            raise error from None
        able = without(request, has)
        if able is None or able == request:
            raise
    return calls.send(able, about, issue_fields=True)


def update_sent(calls: JiraCalls, external_id: str, body: dict[str, Json]) -> None:
    """Write it; where that is refused, without what its edit screen has no place for.

    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ (edit metadata)
    """
    about = About(operation="update_fields", is_issue=True)
    path = issue_path(external_id)
    request = Request(method="PUT", path=f"{calls.dialect.api}{path}", body=body)
    try:
        calls.send(request, about, issue_fields=True)
        return
    except Blocked as error:
        try:
            meta = calls.read(f"{path}/editmeta", about)
            with understood(about.operation):
                has = frozenset(map(str, meta["fields"]))
        except TrackerError:
            raise error from None
        able = without(request, has) if "summary" in has else request
        if able == request:
            raise
    if able is not None:
        calls.send(able, about, issue_fields=True)


def without(request: Request, has: frozenset[str]) -> Request | None:
    """The request without optional fields that are none of these; None if nothing is left."""
    body: Any = request.body
    absent = OPTIONAL - has
    parts: dict[str, Any] = {
        part: {name: value for name, value in body[part].items() if name not in absent}
        for part in ("fields", "update")
        if part in body
    }
    left: dict[str, Json] = {part: fields for part, fields in parts.items() if fields}
    return replace(request, body=left) if left else None


def changed_body(dialect: Dialect, raw: dict[str, Any], changes: FieldChanges) -> dict[str, Json]:
    """Labels are added and taken away one by one, so that those of others stay."""
    fields: dict[str, Json] = {}
    if changes.title is not None:
        fields["summary"] = changes.title
    if changes.description is not None:
        there = raw["fields"].get("description")
        fields["description"] = dialect.spliced(there, changes.description)
    if changes.priority:
        fields["priority"] = {"id": changes.priority}
    if changes.due_date or changes.clears_due_date:
        fields["duedate"] = changes.due_date.isoformat() if changes.due_date else None
    labels: list[Json] = [{"add": label} for label in sorted(changes.labels_added)]
    labels += [{"remove": label} for label in sorted(changes.labels_removed)]
    body: dict[str, Json] = {"fields": fields} if fields else {}
    return body | ({"update": {"labels": labels}} if labels else {})


def option_of(move: dict[str, Any]) -> TransitionOption:
    """A move; of a resolution that it requires, the one that says that it was done is given."""
    to, fields = move["to"], move.get("fields") or {}
    category = category_of(to)
    name = str(to.get("name") or "")
    required = [
        key
        for key, field in sorted(fields.items())
        if field.get("required") and not field.get("hasDefaultValue")
    ]
    resolution = _resolution_of(fields.get("resolution") or {})
    defaults = {"resolution": resolution} if "resolution" in required and resolution else {}
    return TransitionOption(
        id=str(move["id"]),
        name=str(move.get("name") or name),
        status_id=str(to["id"]),
        category=category,
        is_wont_do=category is StatusCategory.DONE and is_wont_do(name),
        required_fields=tuple(key for key in required if key not in defaults),
        defaults=defaults,
    )


def _resolution_of(field: dict[str, Any]) -> Json:
    """The one that says that it was done, where it has a name that is known; None else."""
    for allowed in field.get("allowedValues") or []:
        if str(allowed.get("name")).strip().lower() in _DONE:
            return {"id": str(allowed["id"])}
    return None
