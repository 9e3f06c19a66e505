"""What Jira tells of an issue, in our words (pure).

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from findings.ticketing import block
from findings.ticketing.state import RemoteComment, RemoteIssue, Resolution, StatusCategory

FIELDS = (
    "summary",
    "description",
    "status",
    "resolution",
    "assignee",
    "labels",
    "priority",
    "duedate",
    "created",
    "updated",
)
CATEGORIES = {
    "new": StatusCategory.TODO,
    "undefined": StatusCategory.TODO,
    "indeterminate": StatusCategory.IN_PROGRESS,
    "done": StatusCategory.DONE,
}
"""By ``statusCategory.key``, which no site can change."""
_WONT_DO = (
    "won't do",
    "won't fix",
    "wont do",
    "wontfix",
    "will not do",
    "will not fix",
    "not planned",
    "abandoned",
    "dismissed",
    "duplicate",
    "declined",
    "rejected",
    "cancelled",
    "canceled",
    "obsolete",
    "invalid",
    "not a bug",
    "cannot reproduce",
    "incomplete",
)
Told = Callable[[Any], str]
"""A description or comment as Markdown."""


def is_wont_do(name: str) -> bool:
    """Whether a resolution or status says that nothing was done. Jira has only words for that.

    One that is not known counts as done, which is a claim that a scan verifies.
    """
    return name.replace("\u2019", "'").strip().lower() in _WONT_DO


def moment(text: str) -> datetime:
    """Such as 2026-11-27T01:02:03.004+0000."""
    return datetime.fromisoformat(text)


def version_of(issue: dict[str, Any]) -> str:
    """The same for two tellings that do not differ; comments show in ``updated``."""
    fields = issue["fields"]
    told = json.dumps([issue["key"], *(fields.get(name) for name in FIELDS)], sort_keys=True)
    return f"{fields['updated']} {hashlib.sha256(told.encode()).hexdigest()[:16]}"


def category_of(status: dict[str, Any]) -> StatusCategory:
    return CATEGORIES.get(str((status.get("statusCategory") or {}).get("key")), StatusCategory.TODO)


def parse_issue(issue: dict[str, Any], told: Told, browse: str) -> RemoteIssue:
    """All but its comments. ``browse`` is the address of the site for people."""
    fields, status = issue["fields"], issue["fields"]["status"]
    category, assignee = category_of(status), fields.get("assignee") or {}
    due = fields.get("duedate")
    return RemoteIssue(
        external_id=str(issue["id"]),
        key=str(issue["key"]),
        url=f"{browse}/browse/{issue['key']}",
        project=str(issue["key"]).rpartition("-")[0],
        version=version_of(issue),
        updated_at=moment(fields["updated"]),
        status_changed_at=_changed_at(issue, "status"),
        assignee_changed_at=_changed_at(issue, "assignee"),
        title=str(fields.get("summary") or ""),
        description=told(fields.get("description")),
        priority=str((fields.get("priority") or {}).get("id") or ""),
        due_date=date.fromisoformat(due) if due else None,
        status_id=str(status["id"]),
        status_category=category,
        status_name=str(status.get("name") or ""),
        resolution=_resolution(status, fields.get("resolution")),
        assignee=account_of(assignee),
        assignee_name=str(assignee.get("displayName") or ""),
        labels=frozenset(map(str, fields.get("labels") or [])),
    )


def account_of(person: dict[str, Any]) -> str:
    """Cloud has account ids; Data Center has keys and names."""
    return str(person.get("accountId") or person.get("key") or person.get("name") or "")


def parse_comment(comment: dict[str, Any], told: Told) -> RemoteComment:
    words, our_id = block.comment_of(told(comment.get("body")))
    created = comment.get("created")
    return RemoteComment(
        id=str(comment["id"]),
        body=words,
        author=str((comment.get("author") or {}).get("displayName") or ""),
        created_at=moment(created) if created else None,
        our_id=our_id,
    )


def _resolution(status: dict[str, Any], resolution: dict[str, Any] | None) -> Resolution:
    """Team-managed projects resolve everything as done: there the status says what was not."""
    if category_of(status) is not StatusCategory.DONE:
        return Resolution.NONE
    names = (str((told or {}).get("name")) for told in (resolution, status))
    return Resolution.WONT_DO if any(map(is_wont_do, names)) else Resolution.DONE


def _changed_at(issue: dict[str, Any], field: str) -> datetime | None:
    """When a field was last changed, by the changelog; when made, if it never was.

    None where the changelog is not told, or not all of it and nothing of the field.
    """
    log = issue.get("changelog")
    if not isinstance(log, dict):
        return None
    histories = log.get("histories") or []
    changed = [
        moment(history["created"])
        for history in histories
        if any(item.get("field") == field for item in history.get("items") or [])
    ]
    if changed:
        return max(changed)
    is_whole = int(log.get("total", len(histories))) <= len(histories)
    created = issue["fields"].get("created")
    return moment(created) if is_whole and created else None
