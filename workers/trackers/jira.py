"""Jira Cloud and Jira Data Center.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
https://developer.atlassian.com/server/jira/platform/rest/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

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
from workers.trackers.errors import Blocked, BlockedReason, VersionChanged
from workers.trackers.jira_calls import (
    CLOUD,
    DATA_CENTER,
    LONGEST_TEXT,
    Dialect,
    JiraCalls,
    comment_body,
    comment_told,
    quoted,
)
from workers.trackers.jira_changes import changes_of
from workers.trackers.jira_issue import FIELDS, parse_comment
from workers.trackers.jira_probe import probe
from workers.trackers.jira_reading import JiraReading, issue_path
from workers.trackers.jira_writing import (
    changed_body,
    create_request,
    create_sent,
    option_of,
    update_sent,
)
from workers.trackers.registry import tracker_kind
from workers.trackers.signatures import digest_of, is_signed
from workers.trackers.statuses import About, understood
from workers.trackers.transport import Limits, Request

INDEX_LAG = timedelta(seconds=60)
"""A search may not know an issue yet that was written this recently."""


class JiraTracker:
    """One connection to a site of Jira."""

    def __init__(self, access: Access, dialect: Dialect, limits: Limits | None = None) -> None:
        self._access, self._dialect = access, dialect
        self._calls = JiraCalls(access, dialect, limits or Limits())
        self._reading = JiraReading(
            self._calls, access.credentials.get("site_url") or access.base_url
        )

    def capabilities(self) -> Capabilities:
        return Capabilities(
            fields=frozenset(Field),
            categories=frozenset(StatusCategory),
            index_lag=INDEX_LAG,
            tells_wont_do=True,
            title_limit=255,
            description_limit=LONGEST_TEXT,
            has_webhooks=True,
        )

    def probe(self, target: Target) -> tuple[ProbeStep, ...]:
        return probe(self._calls, target)

    def find_by_marker(
        self, target: Target, marker: str, *, since: datetime
    ) -> tuple[IssueRef, ...]:
        """By its label, then by the mark in its description; in whatever project it is by now."""
        about = About(operation="find_by_marker", project=target.project)
        words = marker.removeprefix("cairn-")
        for jql in (f"labels = {quoted(marker)}", f"description ~ {quoted(words)}"):
            page = self._calls.search(f"{jql} ORDER BY created ASC", FIELDS, "", about)
            with understood(about.operation):
                found = [issue for issue in page.issues if self._has(issue, marker)]
                found.sort(key=lambda issue: (str(issue["fields"].get("created")), issue["id"]))
                if found:
                    return tuple(map(self._reading.ref, found))
        return ()

    def create_request(self, target: Target, issue: NewIssue) -> Request:
        return create_request(self._calls, target, issue)

    def create(self, target: Target, issue: NewIssue) -> IssueRef:
        answer = create_sent(self._calls, target, self.create_request(target, issue))
        with understood("create", makes=True):
            return self._reading.ref(answer.body)

    def get(self, external_id: str) -> RemoteIssue:
        return self._reading.parsed(self._reading.raw(external_id, "get"), "get")

    def list_changed(self, target: Target, cursor: str) -> Changes:
        return changes_of(self._calls, target.project, cursor)

    def update_fields(
        self, external_id: str, changes: FieldChanges, *, expected_version: str
    ) -> RemoteIssue:
        """Jira has no conditional write: the issue is read right before."""
        raw = self._reading.raw(external_id, "update_fields")
        before = self._reading.parsed(raw, "update_fields")
        if before.version != expected_version:
            raise VersionChanged(f"{before.key} was changed meanwhile")
        body = changed_body(self._dialect, raw, changes)
        if body:
            update_sent(self._calls, external_id, body)
        return self.get(external_id)

    def transition_options(self, external_id: str) -> tuple[TransitionOption, ...]:
        about = About(operation="transition_options", is_issue=True)
        path = f"{issue_path(external_id)}/transitions"
        body = self._calls.read(path, about, {"expand": "transitions.fields"})
        with understood(about.operation):
            return tuple(
                option_of(move) for move in body["transitions"] if move.get("isAvailable", True)
            )

    def transition(
        self, external_id: str, option: TransitionOption, *, fields: Mapping[str, Json]
    ) -> RemoteIssue:
        about = About(operation="transition", is_issue=True)
        body: dict[str, Json] = {"transition": {"id": option.id}}
        if given := {**option.defaults, **fields}:
            body["fields"] = given
        request = self._post(f"{issue_path(external_id)}/transitions", body)
        try:
            self._calls.send(request, about, issue_fields=True)
        except Blocked as error:
            if error.fields:
                raise
            raise Blocked(str(error), reason=BlockedReason.NO_TRANSITION) from None
        return self.get(external_id)

    def comment(self, external_id: str, comment: OurComment) -> RemoteComment:
        about = About(operation="comment", is_issue=True, makes=True)
        body: Json = {"body": comment_body(self._dialect, comment)}
        request = self._post(f"{issue_path(external_id)}/comment", body)
        answer = self._calls.send(request, about, issue_fields=True)
        with understood(about.operation, makes=True):
            return parse_comment(answer.body, lambda told: comment_told(self._dialect, told))

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

    def _post(self, path: str, body: Json) -> Request:
        return Request(method="POST", path=f"{self._dialect.api}{path}", body=body)

    def _has(self, issue: dict[str, Any], marker: str) -> bool:
        fields = issue["fields"]
        return marker in (fields.get("labels") or []) or marker in self._dialect.told(
            fields.get("description")
        )


@tracker_kind("jira_cloud")
def jira_cloud(access: Access) -> JiraTracker:
    return JiraTracker(access, CLOUD)


@tracker_kind("jira_data_center")
def jira_data_center(access: Access) -> JiraTracker:
    return JiraTracker(access, DATA_CENTER)
