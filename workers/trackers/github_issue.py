"""What GitHub tells of an issue, in our words (pure).

https://docs.github.com/rest/issues/issues
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from findings.ticketing import block
from findings.ticketing.state import RemoteComment, RemoteIssue, Resolution, StatusCategory
from workers.trackers.base import IssueRef, TransitionOption

OPEN, COMPLETED, NOT_PLANNED, DUPLICATE = "open", "completed", "not_planned", "duplicate"
_KEY = re.compile(r"^([\w.-]+/[\w.-]+)#(\d+)$")
_TOLD = ("title", "body", "state", "state_reason", "updated_at", "comments")


def path_of(external_id: str) -> str:
    """Of owner/name#12, as it was when the issue was made. Raises ValueError."""
    found = _KEY.match(external_id)
    if not found:
        raise ValueError("this is no issue of GitHub")
    return f"/repos/{found[1]}/issues/{found[2]}"


def labels_of(issue: dict[str, Any]) -> frozenset[str]:
    return frozenset(
        str(label["name"]) if isinstance(label, dict) else str(label)
        for label in issue.get("labels") or []
    )


def version_of(issue: dict[str, Any]) -> str:
    """The same for two tellings that do not differ; times of GitHub are of whole seconds."""
    assignees = [person["login"] for person in issue.get("assignees") or []]
    told = [issue.get("html_url"), *(issue.get(name) for name in _TOLD), sorted(labels_of(issue))]
    text = json.dumps([*told, assignees, bool(issue.get("locked"))])
    return f"{issue['updated_at']} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def ref_of(issue: dict[str, Any], project: str) -> IssueRef:
    """What an issue of a project is known by; ``project`` as the route has it."""
    external_id = f"{project}#{int(issue['number'])}"
    return IssueRef(external_id=external_id, key=key_of(issue, external_id), url=_address_of(issue))


def parse_issue(
    issue: dict[str, Any], comments: list[dict[str, Any]], external_id: str
) -> RemoteIssue:
    status = status_of(issue)
    assignee = issue.get("assignee") or next(iter(issue.get("assignees") or []), None) or {}
    closed = issue.get("closed_at") if status != OPEN else None
    key = key_of(issue, external_id)
    return RemoteIssue(
        external_id=external_id,
        key=key,
        url=_address_of(issue),
        project=key.partition("#")[0],
        version=version_of(issue),
        updated_at=moment(issue["updated_at"]),
        status_changed_at=moment(closed) if closed else None,
        assignee_changed_at=None,
        title=str(issue["title"]),
        description=block.normal(str(issue.get("body") or "")),
        status_id=status,
        status_category=StatusCategory.TODO if status == OPEN else StatusCategory.DONE,
        status_name=status.replace("_", " "),
        resolution=_resolution(status),
        assignee=str(assignee.get("login") or ""),
        assignee_name=str(assignee.get("login") or ""),
        labels=labels_of(issue),
        comments=tuple(map(parse_comment, comments)),
    )


def moment(text: str) -> datetime:
    """Such as 2026-11-27T01:02:03Z."""
    return datetime.fromisoformat(text)


def status_of(issue: dict[str, Any]) -> str:
    """Open, or why it was closed; one that was closed without a reason is completed."""
    if issue["state"] == OPEN:
        return OPEN
    reason = str(issue.get("state_reason") or COMPLETED)
    return reason if reason in (NOT_PLANNED, DUPLICATE) else COMPLETED


def key_of(issue: dict[str, Any], external_id: str) -> str:
    """Where it is now: owner/name#12."""
    named = re.search(r"/repos/([\w.-]+/[\w.-]+)$", str(issue.get("repository_url") or ""))
    return f"{named[1]}#{issue['number']}" if named else external_id


def _address_of(issue: dict[str, Any]) -> str:
    address = str(issue.get("html_url") or "")
    return address if address.startswith(("http://", "https://")) else ""


def parse_comment(comment: dict[str, Any]) -> RemoteComment:
    words, our_id = block.comment_of(str(comment.get("body") or ""))
    created = comment.get("created_at")
    return RemoteComment(
        id=str(comment["id"]),
        body=words,
        author=str((comment.get("user") or {}).get("login") or ""),
        created_at=moment(created) if created else None,
        our_id=our_id,
    )


def options_of(issue: dict[str, Any]) -> tuple[TransitionOption, ...]:
    if status_of(issue) != OPEN:
        return (
            TransitionOption(id=OPEN, name="reopen", status_id=OPEN, category=StatusCategory.TODO),
        )
    return tuple(
        TransitionOption(
            id=status,
            name=f"close as {status.replace('_', ' ')}",
            status_id=status,
            category=StatusCategory.DONE,
            is_wont_do=status != COMPLETED,
        )
        for status in (COMPLETED, NOT_PLANNED)
    )


def _resolution(status: str) -> Resolution:
    if status == OPEN:
        return Resolution.NONE
    return Resolution.DONE if status == COMPLETED else Resolution.WONT_DO
