"""Jira Cloud and Jira Data Center.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
https://developer.atlassian.com/server/jira/platform/rest/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from findings.ticketing import block
from findings.ticketing.state import Field, OurComment, RemoteComment, RemoteIssue, StatusCategory
from workers.trackers.base import (
    Access,
    Capabilities,
    Changes,
    FieldChanges,
    Hint,
    Json,
    NewIssue,
    ProbeStep,
    Target,
    TransitionOption,
)
from workers.trackers.errors import (
    Ambiguous,
    Blocked,
    BlockedReason,
    Gone,
    TrackerError,
    VersionChanged,
)
from workers.trackers.jira_calls import (
    CLOUD,
    DATA_CENTER,
    Dialect,
    JiraCalls,
    comment_body,
    comment_told,
    quoted,
)
from workers.trackers.jira_changes import changes_of
from workers.trackers.jira_issue import (
    FIELDS,
    category_of,
    is_wont_do,
    parse_comment,
    parse_issue,
)
from workers.trackers.jira_probe import fields_of_type, probe, type_of
from workers.trackers.registry import tracker_kind
from workers.trackers.signatures import digest_of, is_signed
from workers.trackers.statuses import About, understood
from workers.trackers.transport import Limits, Request

_ID = re.compile(r"^[A-Za-z0-9_]+(?:-\d+)?\Z")
INDEX_LAG = timedelta(seconds=60)
"""A search may not know an issue yet that was written this recently."""


class JiraTracker:
    """One connection to a site of Jira."""

    def __init__(self, access: Access, dialect: Dialect, limits: Limits | None = None) -> None:
        self._access, self._dialect = access, dialect
        self._calls = JiraCalls(access, dialect, limits or Limits())

    def capabilities(self) -> Capabilities:
        return Capabilities(
            fields=frozenset(Field),
            categories=frozenset(StatusCategory),
            index_lag=INDEX_LAG,
            tells_wont_do=True,
            title_limit=255,
            description_limit=32_767,
            has_webhooks=True,
        )

    def probe(self, target: Target) -> tuple[ProbeStep, ...]:
        return probe(self._calls, target)

    def find_by_marker(
        self, target: Target, marker: str, *, since: datetime
    ) -> tuple[RemoteIssue, ...]:
        """By its label, then by the mark in its description; in whatever project it is by now."""
        about = About(operation="find_by_marker", project=target.project)
        words = marker.removeprefix("cairn-")
        for jql in (f"labels = {quoted(marker)}", f"description ~ {quoted(words)}"):
            page = self._calls.search(f"{jql} ORDER BY created ASC", FIELDS, "", about)
            with understood(about.operation):
                found = [issue for issue in page.issues if self._has(issue, marker)]
                found.sort(key=lambda issue: (str(issue["fields"].get("created")), issue["id"]))
            if found:
                return tuple(self.get(str(issue["id"])) for issue in found)
        return ()

    def create_request(self, target: Target, issue: NewIssue) -> Request:
        """What makes an issue. Reads which fields its type has, where the route gives some."""
        kind = type_of(self._calls, target)
        fields: dict[str, Json] = {}
        if target.fields:
            has = fields_of_type(self._calls, target, kind)
            fields = {name: value for name, value in target.fields.items() if name in has}
        fields |= {
            "project": {"key": target.project},
            "issuetype": kind,
            "summary": issue.title,
            "description": self._dialect.spliced(None, issue.description),
            "labels": [*sorted(issue.labels | {issue.marker})],
        }
        if issue.priority:
            fields["priority"] = {"id": issue.priority}
        if issue.due_date:
            fields["duedate"] = issue.due_date.isoformat()
        return self._request("POST", "/issue", {"fields": fields})

    def create(self, target: Target, issue: NewIssue) -> RemoteIssue:
        request = self.create_request(target, issue)
        about = About(operation="create", project=target.project, makes=True)
        body = self._calls.send(request, about, issue_fields=True).body
        with understood("create", makes=True):
            external_id = str(body["id"])
        try:
            return self.get(external_id)
        except TrackerError as error:
            raise Ambiguous(f"create: it was made, but not read: {error}") from None

    def get(self, external_id: str) -> RemoteIssue:
        return self._parsed(self._raw(external_id, "get"), "get")

    def list_changed(self, target: Target, cursor: str) -> Changes:
        return changes_of(self._calls, target.project, cursor, INDEX_LAG)

    def update_fields(
        self, external_id: str, changes: FieldChanges, *, expected_version: str
    ) -> RemoteIssue:
        """Jira has no conditional write: the issue is read right before.

        Labels are added and taken away one by one, so that those of others stay.
        """
        raw = self._raw(external_id, "update_fields")
        before = self._parsed(raw, "update_fields")
        if before.version != expected_version:
            raise VersionChanged(f"{before.key} was changed meanwhile")
        body = self._changed(raw, changes)
        if body:
            about = About(operation="update_fields", is_issue=True)
            request = self._request("PUT", f"/issue/{_id(external_id)}", body)
            self._calls.send(request, about, issue_fields=True)
        return self.get(external_id)

    def transition_options(self, external_id: str) -> tuple[TransitionOption, ...]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/"""
        about = About(operation="transition_options", is_issue=True)
        path = f"/issue/{_id(external_id)}/transitions"
        body = self._calls.read(path, about, {"expand": "transitions.fields"})
        with understood(about.operation):
            return tuple(
                _option(move) for move in body["transitions"] if move.get("isAvailable", True)
            )

    def transition(
        self, external_id: str, option: TransitionOption, *, fields: Mapping[str, Json]
    ) -> RemoteIssue:
        about = About(operation="transition", is_issue=True)
        body: dict[str, Json] = {"transition": {"id": option.id}}
        if fields:
            body["fields"] = dict(fields)
        request = self._request("POST", f"/issue/{_id(external_id)}/transitions", body)
        try:
            self._calls.send(request, about, issue_fields=True)
        except Blocked as error:
            if error.fields:
                raise
            raise Blocked(str(error), reason=BlockedReason.NO_TRANSITION) from None
        return self.get(external_id)

    def comment(self, external_id: str, comment: OurComment) -> RemoteComment:
        about = About(operation="comment", is_issue=True, makes=True)
        marked = block.mark_comment(comment.body, comment.id)
        body: Json = {"body": comment_body(self._dialect, marked)}
        request = self._request("POST", f"/issue/{_id(external_id)}/comment", body)
        answer = self._calls.send(request, about, issue_fields=True)
        with understood(about.operation, makes=True):
            return parse_comment(answer.body, self._told_comment)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """``X-Hub-Signature``, in Cloud as in Data Center.

        https://developer.atlassian.com/cloud/jira/platform/webhooks/
        https://confluence.atlassian.com/adminjiraserver/managing-webhooks-938846912.html
        """
        secrets = self._access.credentials.get("webhook_secret", "")
        return is_signed(headers.get("x-hub-signature", ""), body, secrets)

    def parse_hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        """A retry has the identifier of the first attempt; Data Center sends none."""
        told = json.loads(body)
        if not isinstance(told, dict) or not isinstance(told.get("webhookEvent"), str):
            raise ValueError("this is no delivery of Jira")
        issue = told.get("issue")
        found = issue.get("id") if isinstance(issue, dict) else None
        return Hint(
            delivery_id=headers.get("x-atlassian-webhook-identifier") or digest_of(body),
            external_ids=(str(found),) if isinstance(found, (str, int)) else (),
        )

    def _request(self, method: str, path: str, body: Json) -> Request:
        return Request(method=method, path=f"{self._dialect.api}{path}", body=body)

    def _has(self, issue: dict[str, Any], marker: str) -> bool:
        fields = issue["fields"]
        return marker in (fields.get("labels") or []) or marker in self._dialect.told(
            fields.get("description")
        )

    def _raw(self, external_id: str, operation: str) -> dict[str, Any]:
        query = {"fields": ",".join([*FIELDS, "comment"]), "expand": "changelog"}
        about = About(operation=operation, is_issue=True)
        issue = self._calls.read(f"/issue/{_id(external_id)}", about, query)
        with understood(operation):
            return dict(issue)

    def _parsed(self, raw: dict[str, Any], operation: str) -> RemoteIssue:
        with understood(operation):
            told = raw["fields"].get("comment") or {}
            comments = list(told.get("comments") or [])
            total = int(told.get("total", len(comments)))
        if total > len(comments):
            comments = self._comments(str(raw["id"]), operation)
        with understood(operation):
            comments.sort(key=lambda comment: (str(comment.get("created")), str(comment["id"])))
            told_comments = tuple(parse_comment(each, self._told_comment) for each in comments)
            issue = parse_issue(raw, self._dialect.told, self._browse(raw))
            return replace(issue, comments=told_comments)

    def _comments(self, external_id: str, operation: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        about = About(operation=operation, is_issue=True)
        while True:
            query = {"startAt": str(len(found)), "maxResults": "100"}
            body = self._calls.read(f"/issue/{_id(external_id)}/comment", about, query)
            with understood(operation):
                found += body["comments"]
                if not body["comments"] or len(found) >= int(body["total"]):
                    return found

    def _told_comment(self, body: Any) -> str:
        return comment_told(self._dialect, body)

    def _browse(self, raw: dict[str, Any]) -> str:
        """Where people look: ``self`` names the site also where calls go by another host."""
        base = str(raw.get("self") or "").partition("/rest/")[0]
        is_gateway = "/ex/jira/" in base
        return base if base.startswith("https://") and not is_gateway else self._site()

    def _site(self) -> str:
        return (self._access.credentials.get("site_url") or self._access.base_url).rstrip("/")

    def _changed(self, raw: dict[str, Any], changes: FieldChanges) -> dict[str, Json]:
        fields: dict[str, Json] = {}
        if changes.title is not None:
            fields["summary"] = changes.title
        if changes.description is not None:
            there = raw["fields"].get("description")
            fields["description"] = self._dialect.spliced(there, changes.description)
        if changes.priority:
            fields["priority"] = {"id": changes.priority}
        if changes.due_date or changes.clears_due_date:
            fields["duedate"] = changes.due_date.isoformat() if changes.due_date else None
        labels: list[Json] = [{"add": label} for label in sorted(changes.labels_added)]
        labels += [{"remove": label} for label in sorted(changes.labels_removed)]
        body: dict[str, Json] = {"fields": fields} if fields else {}
        return body | ({"update": {"labels": labels}} if labels else {})


def _id(external_id: str) -> str:
    """What may stand in a path. Raises :class:`Gone` for what is no id of Jira."""
    if not _ID.match(external_id):
        raise Gone("this is no issue of Jira")
    return external_id


def _option(move: dict[str, Any]) -> TransitionOption:
    to, fields = move["to"], move.get("fields") or {}
    category = category_of(to)
    name = str(to.get("name") or "")
    return TransitionOption(
        id=str(move["id"]),
        name=str(move.get("name") or name),
        status_id=str(to["id"]),
        category=category,
        is_wont_do=category is StatusCategory.DONE and is_wont_do(name),
        required_fields=tuple(
            key
            for key, field in sorted(fields.items())
            if field.get("required") and not field.get("hasDefaultValue")
        ),
    )


@tracker_kind("jira_cloud")
def jira_cloud(access: Access) -> JiraTracker:
    return JiraTracker(access, CLOUD)


@tracker_kind("jira_data_center")
def jira_data_center(access: Access) -> JiraTracker:
    return JiraTracker(access, DATA_CENTER)
