"""Calls to Jira: credentials, searches, errors, and what differs between Cloud and Data Center.

Cloud: REST v3, descriptions in ADF, search by token. A service account speaks to
``https://api.atlassian.com/ex/jira/<cloudId>`` with its scoped token
(https://support.atlassian.com/user-management/docs/manage-api-tokens-for-service-accounts).
Data Center: REST v2, descriptions in wiki text, search by offset, a personal access token
(https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from findings.ticketing import block
from findings.ticketing.content import shortened
from findings.ticketing.state import OurComment
from workers.trackers import adf, adf_reading, wiki
from workers.trackers.base import Access, Json
from workers.trackers.errors import BlockedReason, Configuration
from workers.trackers.statuses import About, error_of, understood
from workers.trackers.transport import Answer, Limits, Request, Transport

PAGE = 50
LONGEST_TEXT = 32_767
"""Characters of a description or a comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What one of the two speaks."""

    api: str
    search: str
    by_token: bool
    """Pages of a search go on by a token, else by an offset."""
    told: Callable[[Any], str]
    """A description or comment as Markdown."""
    spliced: Callable[[Any, str], Json]
    """A changed description in their own form, put into the one that is there."""


CLOUD = Dialect(
    api="/rest/api/3",
    search="/search/jql",
    by_token=True,
    told=adf_reading.markdown_of,
    spliced=adf_reading.spliced,
)
DATA_CENTER = Dialect(
    api="/rest/api/2",
    search="/search",
    by_token=False,
    told=lambda text: wiki.told_of(str(text or "")),
    spliced=lambda text, described: wiki.raw_of(str(text or ""), described),
)


def comment_body(dialect: Dialect, comment: OurComment) -> Json:
    """With its mark; cut where the signs of wiki text make it longer than Jira takes."""
    body = comment.body
    if dialect.by_token:
        return adf.document(adf.nodes_of(block.mark_comment(body, comment.id)))
    text = wiki.wiki_of(block.mark_comment(body, comment.id))
    while len(text) > LONGEST_TEXT:
        body = shortened(body, len(body) * LONGEST_TEXT // len(text))
        text = wiki.wiki_of(block.mark_comment(body, comment.id))
    return text


def comment_told(dialect: Dialect, body: Any) -> str:
    """A comment as Markdown; of wiki text only where it is ours."""
    if dialect.by_token:
        return adf_reading.markdown_of(body)
    text = block.normal(str(body or ""))
    words, our_id = block.comment_of(text)
    return block.mark_comment(wiki.markdown_of(words), our_id) if our_id else text


@dataclass(frozen=True, slots=True)
class Page:
    issues: list[dict[str, Any]]
    after: str
    """Where the next page begins; empty on the last."""


class JiraCalls:
    """One site of Jira."""

    def __init__(self, access: Access, dialect: Dialect, limits: Limits) -> None:
        user, token = access.credentials.get("user", ""), access.credentials.get("token", "")
        if not token:
            raise Configuration("there is no token in the connection's credentials")
        basic = base64.b64encode(f"{user}:{token}".encode()).decode()
        value = f"Basic {basic}" if user else f"Bearer {token}"
        webhooks = access.credentials.get("webhook_secret", "").split()
        self.dialect = dialect
        self.transport = Transport(
            access,
            base_url=access.base_url,
            authorize=lambda: {"authorization": value},
            secrets=[token, basic, *webhooks],
            limits=limits,
        )

    def send(self, request: Request, about: About, *, issue_fields: bool = False) -> Answer:
        """The answer of a success; raises the error of any other."""
        answer = self.transport.send(request, operation=about.operation, makes=about.makes)
        if 200 <= answer.status < 300:
            return answer
        words, fields = _told_errors(answer.body)
        lost = {"project", "issuetype"} & set(fields)
        if answer.status == 400 and (lost or not issue_fields):
            told = self.transport.redacted(words)
            raise Configuration(f"{about.operation}: 400: {told}", scope=about.project)
        required = any("required" in text.lower() for text in fields.values())
        raise error_of(
            answer,
            about,
            words=self.transport.redacted(words),
            fields=fields,
            refused=BlockedReason.REQUIRED_FIELD if required else BlockedReason.REFUSED_VALUE,
        )

    def read(self, path: str, about: About, query: Mapping[str, str] | None = None) -> Any:
        request = Request(method="GET", path=f"{self.dialect.api}{path}", query=query or {})
        return self.send(request, about).body

    def search(self, jql: str, fields: tuple[str, ...], after: str, about: About) -> Page:
        """One page of a search. Jira Cloud demands that a search is restricted by something.

        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
        """
        query = {"jql": jql, "fields": ",".join(fields), "maxResults": str(PAGE)}
        if after:
            query["nextPageToken" if self.dialect.by_token else "startAt"] = after
        body = self.read(self.dialect.search, about, query)
        with understood(about.operation):
            issues = list(body["issues"])
            if self.dialect.by_token:
                return Page(issues, "" if body.get("isLast") else body.get("nextPageToken") or "")
            seen = int(body.get("startAt", after or 0)) + len(issues)
            return Page(issues, str(seen) if issues and seen < int(body["total"]) else "")


def _told_errors(body: Any) -> tuple[str, dict[str, str]]:
    """Their words, and those about single fields.

    https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#status-codes
    """
    if not isinstance(body, dict):
        return "", {}
    errors = body.get("errors")
    fields = {str(k): str(v) for k, v in errors.items()} if isinstance(errors, dict) else {}
    messages = body.get("errorMessages")
    words = [str(text) for text in messages] if isinstance(messages, list) else []
    if body.get("message"):
        words.append(str(body["message"]))
    return "; ".join([*words, *(f"{name}: {text}" for name, text in fields.items())]), fields


def quoted(text: str) -> str:
    """A value in JQL. https://support.atlassian.com/jira-software-cloud/docs/jql-fields/"""
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'
