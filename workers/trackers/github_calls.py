"""Calls to GitHub: credentials, errors, limits, pages, and issues that were transferred.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from workers.trackers.base import Access
from workers.trackers.errors import (
    Blocked,
    BlockedReason,
    Configuration,
    TrackerError,
    Transient,
)
from workers.trackers.github_auth import TOKENS, InstallationTokens, app_token, name_of
from workers.trackers.statuses import About, error_of, retry_after, told_at, understood
from workers.trackers.transport import Answer, Headers, Limits, Request, Transport

PUBLIC = "https://api.github.com"
VERSION = "2022-11-28"
_PLACE = r"/(?:repos/[\w.-]+/[\w.-]+|repositories/\d+)"
ISSUE_PATH = re.compile(rf"^{_PLACE}/issues/\d+$")
ISSUES_PATH = re.compile(rf"^{_PLACE}/issues$")
_NEXT = re.compile(r'<([^<>]*)>\s*;[^<>]*\brel="?next\b')
_MOVED = (301, 302, 307, 308)
_HOPS = 5
_NO_RESET_TOLD = timedelta(seconds=60)
"""GitHub asks to wait at least a minute where it does not say how long."""


def api_of(base_url: str) -> str:
    """The address of the API, also where the one for people is given."""
    text = base_url.rstrip("/")
    host = urlsplit(text).hostname
    return PUBLIC if host in ("github.com", "www.github.com") else text


class NoIssue(Configuration):
    """A redirect that leads to no issue of this host."""


class GitHubCalls:
    """One account's or App's way to GitHub."""

    def __init__(
        self,
        access: Access,
        limits: Limits,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        tokens: InstallationTokens = TOKENS,
    ) -> None:
        given = access.credentials
        self._credentials, self._tokens, self.clock = given, tokens, clock
        if not given.get("token") and not (given.get("app_id") and given.get("private_key")):
            raise Configuration("the credentials hold neither a token nor an App's id and key")
        self._project = ""
        webhooks = given.get("webhook_secret", "").split()
        self.transport = Transport(
            access,
            base_url=api_of(access.base_url),
            authorize=self._authorization,
            secrets=[given.get("token", ""), given.get("private_key", ""), *webhooks],
            limits=limits,
            clock=clock,
        )

    @property
    def is_app(self) -> bool:
        return not self._credentials.get("token")

    def send(self, request: Request, about: About) -> Answer:
        """The answer of a success, or 304; raises the error of any other.

        The issues of a repository that was renamed are followed to where it is now.
        """
        for _ in range(_HOPS):
            answer = self._sent(request, about)
            if answer.status not in _MOVED or not ISSUES_PATH.match(request.path):
                break
            request = replace(request, path=self._moved_to(answer, about, ISSUES_PATH))
        if 200 <= answer.status < 300 or answer.status == 304:
            return answer
        raise self._error(answer, about)

    def _sent(self, request: Request, about: About) -> Answer:
        """The answer, whatever it is; an App whose kept token ended asks again with a new one."""
        self._project = _project_in(request.path) or about.project or self._project
        versioned = _versioned(request)
        answer = self.transport.send(versioned, operation=about.operation, makes=about.makes)
        if answer.status == 401 and self.is_app:
            self._tokens.forget(self._token_name())
            answer = self.transport.send(versioned, operation=about.operation, makes=about.makes)
        return answer

    def read(self, path: str, about: About, query: Mapping[str, str] | None = None) -> Answer:
        return self.send(Request(method="GET", path=path, query=query or {}), about)

    def pages(self, path: str, about: About, query: Mapping[str, str]) -> Iterator[list[Any]]:
        """One list after another, each read when it is asked for."""
        after: Mapping[str, str] | None = query
        while after is not None:
            answer = self.read(path, about, after)
            with understood(about.operation):
                found = list(answer.body)
            yield found
            after = next_page(answer)
            after = {**query, **after} if after is not None and found else None

    def located(self, path: str, about: About) -> tuple[str, Any]:
        """The issue, and the path that it has now.

        GitHub answers 301 for one that was transferred. It is followed to another issue of the
        same host only. https://docs.github.com/rest/issues/issues#get-an-issue
        """
        for _ in range(_HOPS):
            answer = self._sent(Request(method="GET", path=path), about)
            if answer.status not in _MOVED:
                break
            path = self._moved_to(answer, about, ISSUE_PATH)
        if answer.status in _MOVED:
            raise NoIssue(f"{about.operation}: it redirects again and again")
        if answer.status != 200:
            raise self._error(answer, about)
        return path, answer.body

    def _moved_to(self, answer: Answer, about: About, form: re.Pattern[str]) -> str:
        """The path of where it redirects, which is of the same host and form, or refused."""
        base, found = self.transport.base_url, answer.headers.get("location", "")
        path = found.removeprefix(base) if found.startswith(f"{base}/") else ""
        path = path.partition("?")[0]
        if not form.match(path):
            raise NoIssue(
                f"{about.operation}: it redirects to what is no issue of this host",
                scope=about.project,
            )
        return path

    def _error(self, answer: Answer, about: About) -> TrackerError:
        words, fields = _told_errors(answer.body)
        said = self.transport.redacted(words)
        wait = limit_of(answer, words)
        if wait is not None:
            return Transient(f"{about.operation}: {answer.status}: {said}", retry_after=wait)
        if answer.status in _MOVED and about.is_issue:
            return Transient(f"{about.operation}: {answer.status}: it was moved just now")
        if answer.status == 403 and about.is_issue and "lock" in words.lower():
            message = f"{about.operation}: 403: {said}"
            return Blocked(message, reason=BlockedReason.LOCKED)
        return error_of(answer, about, words=said, fields=fields)

    def _authorization(self) -> Headers:
        token = self._credentials.get("token") or self._installation_token()
        return {"authorization": f"Bearer {token}"}

    def _token_name(self) -> str:
        given = self._credentials
        owner = given.get("installation_id") or self._project.partition("/")[0]
        key = given.get("private_key", "")
        return name_of(self.transport.base_url, given["app_id"], owner, key)

    def _installation_token(self) -> str:
        now, name = self.clock(), self._token_name()
        kept = self._tokens.get(name, now)
        if kept:
            return kept
        given = self._credentials
        jwt = app_token(given["app_id"], given["private_key"], now)
        self.transport.hide(jwt)
        number = given.get("installation_id") or self._installation(jwt)
        path = f"/app/installations/{number}/access_tokens"
        body = self._as_app(Request(method="POST", path=path), jwt).body
        with understood("installation token"):
            token, ends = str(body["token"]), datetime.fromisoformat(body["expires_at"])
        self.transport.hide(token)
        self._tokens.keep(name, token, ends)
        return token

    def _installation(self, jwt: str) -> str:
        if not self._project:
            raise Configuration("give the App's installation_id, or a project")
        path = f"/repos/{self._project}/installation"
        body = self._as_app(Request(method="GET", path=path), jwt).body
        with understood("installation"):
            return str(int(body["id"]))

    def _as_app(self, request: Request, jwt: str) -> Answer:
        about = About(operation="installation token", scopes_denial=False)
        answer = self.transport.send(
            _versioned(request),
            operation=about.operation,
            authorization={"authorization": f"Bearer {jwt}"},
        )
        if not 200 <= answer.status < 300:
            raise self._error(answer, about)
        return answer


def next_page(answer: Answer) -> dict[str, str] | None:
    """The query of the next page, as GitHub has it in its link; None on the last.

    By number or by a cursor, as it likes: of many issues it gives no page by number.
    https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
    """
    found = _NEXT.search(answer.headers.get("link", ""))
    return dict(parse_qsl(urlsplit(found[1]).query)) if found else None


def limit_of(answer: Answer, words: str) -> timedelta | None:
    """How long to wait where a limit was hit, primary or secondary; None where none was."""
    if answer.status not in (403, 429):
        return None
    wait = retry_after(answer)
    if wait is not None:
        return wait
    if answer.headers.get("x-ratelimit-remaining") == "0":
        reset = answer.headers.get("x-ratelimit-reset", "")
        if reset.isascii() and reset.isdigit():
            ends = datetime.fromtimestamp(int(reset[:10]), UTC)
            return max(ends - told_at(answer), timedelta(seconds=1))
        return _NO_RESET_TOLD
    is_limit = answer.status == 429 or "rate limit" in words.lower()
    return _NO_RESET_TOLD if is_limit else None


def _versioned(request: Request) -> Request:
    ours = {"Accept": "application/vnd.github+json", "x-github-api-version": VERSION}
    return replace(request, headers={**ours, **request.headers})


def _project_in(path: str) -> str:
    found = re.match(r"^/repos/([^/]+/[^/]+)", path)
    return found[1] if found else ""


def _told_errors(body: Any) -> tuple[str, dict[str, str]]:
    """Their words, and those about single fields."""
    if not isinstance(body, dict):
        return "", {}
    told = body.get("errors")
    errors = [error for error in told if isinstance(error, dict)] if isinstance(told, list) else []
    fields = {
        str(error["field"]): str(error.get("message") or error.get("code") or "refused")
        for error in errors
        if error.get("field")
    }
    words = "; ".join(f"{name}: {text}" for name, text in fields.items())
    return "; ".join(part for part in (str(body.get("message") or ""), words) if part), fields
