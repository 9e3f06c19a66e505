"""GitHub Issues, of github.com and of an Enterprise Server.

An issue is known by owner/name#12 as it was made; one that was transferred is followed.
https://docs.github.com/rest/issues
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote

from findings.ticketing import block
from findings.ticketing.state import Field, OurComment, RemoteComment, RemoteIssue, StatusCategory
from workers.trackers.base import (
    Access,
    Capabilities,
    Changes,
    FieldChanges,
    Hint,
    IssueRef,
    Json,
    NewIssue,
    ProbeStep,
    Target,
    TransitionOption,
)
from workers.trackers.errors import (
    Blocked,
    BlockedReason,
    Configuration,
    Gone,
    VersionChanged,
)
from workers.trackers.github_calls import GitHubCalls, NoIssue
from workers.trackers.github_changes import changes_of
from workers.trackers.github_issue import (
    OPEN,
    labels_of,
    moment,
    options_of,
    parse_comment,
    parse_issue,
    path_of,
    ref_of,
)
from workers.trackers.github_probe import probe
from workers.trackers.registry import tracker_kind
from workers.trackers.signatures import digest_of, is_signed
from workers.trackers.splice import splice
from workers.trackers.statuses import About, understood
from workers.trackers.transport import Limits, Request

_PROJECT = re.compile(r"^[\w.-]+/[\w.-]+$")
_PAGES_ALWAYS, _PAGES_AT_MOST = 2, 20
"""Of a hundred issues, the newest first, in which a marker is looked for."""
_NUMBERS_MISSED = 20
"""Numbers below the newest among which those that are missing are looked at one by one."""


class GitHubTracker:
    """One connection to GitHub, by a token or as an App."""

    def __init__(
        self, access: Access, limits: Limits | None = None, calls: GitHubCalls | None = None
    ) -> None:
        self._access = access
        self._calls = calls or GitHubCalls(access, limits or Limits())

    def capabilities(self) -> Capabilities:
        return Capabilities(
            fields=frozenset({Field.TITLE, Field.BLOCK, Field.LABELS}),
            categories=frozenset({StatusCategory.TODO, StatusCategory.DONE}),
            index_lag=timedelta(),
            tells_wont_do=True,
            title_limit=256,
            description_limit=65_536,
            has_webhooks=True,
        )

    def probe(self, target: Target) -> tuple[ProbeStep, ...]:
        return probe(self._calls, target)

    def find_by_marker(
        self, target: Target, marker: str, *, since: datetime
    ) -> tuple[IssueRef, ...]:
        """By listing the newest issues, which lags behind nothing; the search of GitHub does.

        The mark is in the description: a label for each ticket would fill the repository's list.
        """
        about, path = About(operation="find_by_marker", project=target.project), _issues(target)
        found: list[dict[str, Any]] = []
        listed: set[int] = set()
        query = {"state": "all", "sort": "created", "direction": "desc", "per_page": "100"}
        pages = islice(self._calls.pages(path, about, query), _PAGES_AT_MOST)
        for number, issues in enumerate(pages, start=1):
            with understood(about.operation):
                found += [issue for issue in issues if _has(issue, marker)]
                listed |= {int(issue["number"]) for issue in issues}
                oldest = min((moment(issue["created_at"]) for issue in issues), default=since)
            if oldest < since - timedelta(hours=1) and number >= _PAGES_ALWAYS:
                break
        with understood(about.operation):
            found.sort(key=lambda issue: int(issue["number"]))
        refs = tuple(ref_of(issue, target.project) for issue in found)
        return refs or self._transferred(target, marker, listed)

    def _transferred(self, target: Target, marker: str, listed: set[int]) -> tuple[IssueRef, ...]:
        """Made here and moved to another repository at once: its number is missing in the list.

        It is known by its first address, which redirects. Of numbers that issues never had
        (discussions have some), and of the one that would be next, GitHub knows nothing.
        """
        following = max(listed, default=0) + 1
        first = max(min(listed, default=1), following - _NUMBERS_MISSED)
        missing = set(range(first, following + 1)) - listed
        for number in sorted(missing, reverse=True):
            name = f"{target.project}#{number}"
            raw = self._at(name)
            if raw and _has(raw, marker):
                return (replace(ref_of(raw, target.project), external_id=name),)
        return ()

    def _at(self, name: str) -> dict[str, Any]:
        """The issue that an address leads to; none where it leads to no issue."""
        try:
            return self._located(name, "find_by_marker")[1]
        except (Gone, NoIssue):
            return {}

    def create_request(self, target: Target, issue: NewIssue) -> Request:
        body: dict[str, Json] = {
            **target.fields,
            "title": issue.title,
            "body": issue.description,
            "labels": [*sorted(issue.labels)],
        }
        if target.issue_type:
            body["type"] = target.issue_type
        return Request(method="POST", path=_issues(target), body=body)

    def create(self, target: Target, issue: NewIssue) -> IssueRef:
        """A 410 tells that the repository has no issues."""
        about = About(operation="create", project=target.project, makes=True)
        body = self._calls.send(self.create_request(target, issue), about).body
        with understood("create", makes=True):
            return ref_of(body, target.project)

    def get(self, external_id: str) -> RemoteIssue:
        path, raw = self._located(external_id, "get")
        return self._parsed(path, raw, external_id, "get")

    def list_changed(self, target: Target, cursor: str) -> Changes:
        return changes_of(self._calls, target.project, _issues(target), cursor)

    def update_fields(
        self, external_id: str, changes: FieldChanges, *, expected_version: str
    ) -> RemoteIssue:
        """GitHub has no conditional write: the issue is read right before.

        Labels are added and taken away one by one, so that those of others stay.
        """
        about = About(operation="update_fields", is_issue=True)
        path, raw = self._located(external_id, about.operation)
        before = self._parsed(path, raw, external_id, about.operation)
        if before.version != expected_version:
            raise VersionChanged(f"{before.key} was changed meanwhile")
        body: dict[str, Json] = {}
        if changes.title is not None:
            body["title"] = changes.title
        if changes.description is not None:
            body["body"] = splice(str(raw.get("body") or ""), block.normal(changes.description))
        if body:
            self._calls.send(Request(method="PATCH", path=path, body=body), about)
        if changes.labels_added:
            added: list[Json] = [*sorted(changes.labels_added)]
            body = {"labels": added}
            self._calls.send(Request(method="POST", path=f"{path}/labels", body=body), about)
        for label in sorted(changes.labels_removed & labels_of(raw)):
            self._unlabel(path, label, about)
        return self.get(external_id)

    def transition_options(self, external_id: str) -> tuple[TransitionOption, ...]:
        _, raw = self._located(external_id, "transition_options")
        with understood("transition_options"):
            return options_of(raw)

    def transition(
        self, external_id: str, option: TransitionOption, *, fields: Mapping[str, Json]
    ) -> RemoteIssue:
        about = About(operation="transition", is_issue=True)
        path, raw = self._located(external_id, about.operation)
        with understood(about.operation):
            possible = {move.id for move in options_of(raw)}
        if option.id not in possible:
            message = f"{about.operation}: {option.name!r} is not possible from here"
            raise Blocked(message, reason=BlockedReason.NO_TRANSITION)
        body: dict[str, Json] = {"state": OPEN}
        if option.id != OPEN:
            body = {"state": "closed", "state_reason": option.id}
        self._calls.send(Request(method="PATCH", path=path, body=body), about)
        return self.get(external_id)

    def comment(self, external_id: str, comment: OurComment) -> RemoteComment:
        path, _ = self._located(external_id, "comment")
        about = About(operation="comment", is_issue=True, makes=True)
        body: Json = {"body": block.mark_comment(comment.body, comment.id)}
        answer = self._calls.send(Request(method="POST", path=f"{path}/comments", body=body), about)
        with understood(about.operation, makes=True):
            return parse_comment(answer.body)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """``X-Hub-Signature-256``; the older one, by SHA-1, counts for nothing.

        https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
        """
        secrets = self._access.credentials.get("webhook_secret", "")
        return is_signed(headers.get("x-hub-signature-256", ""), body, secrets)

    def parse_hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        """https://docs.github.com/webhooks/webhook-events-and-payloads#issues"""
        event, delivery = headers.get("x-github-event"), headers.get("x-github-delivery")
        told = json.loads(_payload(headers, body))
        if not event or not isinstance(told, dict):
            raise ValueError("this is no delivery of GitHub")
        issue, repository = told.get("issue"), told.get("repository")
        ids: tuple[str, ...] = ()
        if isinstance(issue, dict) and isinstance(repository, dict):
            named = f"{repository.get('full_name')}#{issue.get('number')}"
            path_of(named)
            ids = (named,)
        return Hint(delivery_id=delivery or digest_of(body), external_ids=ids)

    def _located(self, external_id: str, operation: str) -> tuple[str, dict[str, Any]]:
        """The path that the issue has now, and what it is."""
        try:
            path = path_of(external_id)
        except ValueError as error:
            raise Gone(f"{operation}: {error}") from None
        path, raw = self._calls.located(path, About(operation=operation, is_issue=True))
        with understood(operation):
            return path, dict(raw)

    def _parsed(
        self, path: str, raw: dict[str, Any], external_id: str, operation: str
    ) -> RemoteIssue:
        with understood(operation):
            number = int(raw.get("comments") or 0)
        comments = self._comments(path, operation) if number else []
        with understood(operation):
            return parse_issue(raw, comments, external_id)

    def _comments(self, path: str, operation: str) -> list[dict[str, Any]]:
        about = About(operation=operation, is_issue=True)
        pages = self._calls.pages(f"{path}/comments", about, {"per_page": "100"})
        return [comment for page in pages for comment in page]

    def _unlabel(self, path: str, label: str, about: About) -> None:
        """One that is gone already is what was wanted."""
        named = f"{path}/labels/{quote(label, safe='')}"
        try:
            self._calls.send(Request(method="DELETE", path=named), about)
        except Gone:
            return


def _issues(target: Target) -> str:
    if not _PROJECT.match(target.project):
        raise Configuration("the project is not of the form owner/name", scope=target.project)
    return f"/repos/{target.project}/issues"


def _payload(headers: Mapping[str, str], body: bytes) -> bytes | str:
    """A webhook of which nobody chose the type sends its JSON in a form.

    https://docs.github.com/webhooks/using-webhooks/creating-webhooks
    """
    if "form-urlencoded" not in headers.get("content-type", ""):
        return body
    return dict(parse_qsl(body.decode("utf-8"))).get("payload", "")


def _has(issue: dict[str, Any], marker: str) -> bool:
    if "pull_request" in issue:
        return False
    return marker in str(issue.get("body") or "").lower() or marker in labels_of(issue)


@tracker_kind("github")
def github(access: Access) -> GitHubTracker:
    return GitHubTracker(access)
