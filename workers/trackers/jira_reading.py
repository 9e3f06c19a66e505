"""Reading issues of Jira: one with all its comments, or what it is known by."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from findings.ticketing.state import RemoteIssue
from workers.trackers.base import IssueRef
from workers.trackers.errors import Gone
from workers.trackers.jira_calls import JiraCalls, comment_told
from workers.trackers.jira_issue import FIELDS, parse_comment, parse_issue
from workers.trackers.statuses import About, understood

_ID = re.compile(r"^[A-Za-z0-9_]+(?:-\d+)?\Z")


def issue_path(external_id: str) -> str:
    """Raises :class:`Gone` for what is no id of Jira, and may not stand in a path."""
    if not _ID.match(external_id):
        raise Gone("this is no issue of Jira")
    return f"/issue/{external_id}"


class JiraReading:
    """Reads issues of one site, whose address for people is ``site``."""

    def __init__(self, calls: JiraCalls, site: str) -> None:
        self._calls, self._site = calls, site.rstrip("/")

    def raw(self, external_id: str, operation: str) -> dict[str, Any]:
        """As Jira tells it. https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/"""
        query = {"fields": ",".join([*FIELDS, "comment"]), "expand": "changelog"}
        about = About(operation=operation, is_issue=True)
        issue = self._calls.read(issue_path(external_id), about, query)
        with understood(operation):
            return dict(issue)

    def parsed(self, raw: dict[str, Any], operation: str) -> RemoteIssue:
        """In our words, with those comments too that Jira tells page by page only."""
        with understood(operation):
            told = raw["fields"].get("comment") or {}
            comments = list(told.get("comments") or [])
            total = int(told.get("total", len(comments)))
        if total > len(comments):
            comments = self._comments(str(raw["id"]), operation)
        with understood(operation):
            comments.sort(key=lambda comment: (str(comment.get("created")), str(comment["id"])))
            told_comments = tuple(parse_comment(each, self._told_comment) for each in comments)
            issue = parse_issue(raw, self._calls.dialect.told, self._browse(raw))
            return replace(issue, comments=told_comments)

    def ref(self, raw: dict[str, Any]) -> IssueRef:
        """Of an issue that was found, or of the answer to making one."""
        external_id, key = str(raw["id"]), str(raw["key"])
        return IssueRef(external_id=external_id, key=key, url=f"{self._browse(raw)}/browse/{key}")

    def _comments(self, external_id: str, operation: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        about = About(operation=operation, is_issue=True)
        while True:
            query = {"startAt": str(len(found)), "maxResults": "100"}
            body = self._calls.read(f"{issue_path(external_id)}/comment", about, query)
            with understood(operation):
                found += body["comments"]
                if not body["comments"] or len(found) >= int(body["total"]):
                    return found

    def _told_comment(self, body: Any) -> str:
        return comment_told(self._calls.dialect, body)

    def _browse(self, raw: dict[str, Any]) -> str:
        """Where people look: ``self`` names the site also where calls go by another host."""
        base = str(raw.get("self") or "").partition("/rest/")[0]
        is_gateway = "/ex/jira/" in base
        return base if base.startswith("https://") and not is_gateway else self._site
