"""What changed in a repository, page by page, by GitHub's own clock.

``since`` takes in its own second. A page goes on from the time of the last issue that it told, and
by GitHub's own link only within one second. https://docs.github.com/rest/issues/issues#list-repository-issues
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from workers.trackers.base import ChangedIssue, Changes
from workers.trackers.github_calls import GitHubCalls, next_page
from workers.trackers.github_issue import key_of, moment, version_of
from workers.trackers.statuses import About, understood
from workers.trackers.transport import Request

BEGINNING = "1970-01-01T00:00:00Z"
OVERLAP = timedelta(seconds=60)
PAGE = 100


@dataclass(frozen=True, slots=True)
class Cursor:
    since: str
    after: str = ""
    """The query of the next page, as GitHub's link has it; empty on the first."""
    etag: str = ""
    """Of the last answer to the same question: if nothing changed, it costs nothing. Not of a full
    page, which may stay the same while others follow it.
    """

    def __str__(self) -> str:
        return json.dumps([self.since, self.after, self.etag])


def changes_of(calls: GitHubCalls, project: str, path: str, cursor: str) -> Changes:
    about = About(operation="list_changed", project=project)
    at = _cursor_of(cursor)
    if at is None:
        return _now(calls, path, about)
    query = {
        "state": "all",
        "sort": "updated",
        "direction": "asc",
        "since": at.since,
        "per_page": str(PAGE),
        **dict(parse_qsl(at.after)),
    }
    headers = {"if-none-match": at.etag} if at.etag else {}
    answer = calls.send(Request(method="GET", path=path, query=query, headers=headers), about)
    if answer.status == 304:
        return Changes(issues=(), cursor=cursor, is_last=True)
    with understood(about.operation):
        issues = list(answer.body)
        newest = max([at.since, *(issue["updated_at"] for issue in issues)], key=moment)
        told = tuple(_changed(issue, project) for issue in issues if "pull_request" not in issue)
    following = next_page(answer)
    if following is not None and issues:
        moves_on = moment(newest) > moment(at.since)
        after = Cursor(newest) if moves_on else Cursor(at.since, urlencode(following))
        return Changes(issues=told, cursor=str(after), is_last=False)
    etag = str(answer.headers.get("etag", "")) if len(issues) < PAGE else ""
    return Changes(issues=told, cursor=str(_end(at, newest, etag)), is_last=True)


def _end(at: Cursor, newest: str, etag: str) -> Cursor:
    since = _earlier(newest)
    if moment(since) <= moment(at.since) and not at.after:
        return Cursor(at.since, "", etag)
    return Cursor(max(since, at.since, key=moment))


def _now(calls: GitHubCalls, path: str, about: About) -> Changes:
    query = {"state": "all", "sort": "updated", "direction": "desc", "per_page": "1"}
    answer = calls.read(path, about, query)
    with understood(about.operation):
        newest = max((str(issue["updated_at"]) for issue in answer.body), default=BEGINNING)
        return Changes(issues=(), cursor=str(Cursor(_earlier(newest))), is_last=True)


def _earlier(text: str) -> str:
    if text == BEGINNING:
        return text
    return (moment(text) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")


def _changed(issue: dict[str, Any], project: str) -> ChangedIssue:
    name = f"{project}#{issue['number']}"
    return ChangedIssue(external_id=name, key=key_of(issue, name), version=version_of(issue))


def _cursor_of(text: str) -> Cursor | None:
    """None for none, and for what is no cursor of ours."""
    try:
        since, after, etag = json.loads(text)
        moment(since)
        return Cursor(since, after if isinstance(after, str) else "", str(etag))
    except (ValueError, TypeError):
        return None
