"""The one way by which adapters speak HTTP: guarded, with limits, redacted, logged.

Redirects are never followed here: a credential goes only where the connection says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from workers.outgoing import calls
from workers.outgoing.client import Client
from workers.outgoing.errors import (
    ConnectFailed,
    NameUnknown,
    OutgoingError,
    Refused,
    TlsFailed,
)
from workers.trackers.base import Access, Json
from workers.trackers.errors import Ambiguous, Configuration, TrackerError, Transient

LARGEST_ANSWER = 10_000_000
"""Bytes; a longer answer is not read."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a call may take, in seconds."""

    connect: float = 5.0
    read: float = 20.0
    """Between two pieces of an answer."""
    total: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call as it is sent, but for credentials; what a dry run shows."""

    method: str
    path: str
    """Below the connection's address, without the query."""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    headers: Headers = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Headers
    """Names in lower case."""
    body: Any
    """Parsed JSON; None where there is none."""
    received_at: datetime
    """By our clock; see :meth:`told_at` for theirs."""


def _client(access: Access, host: str, limits: Limits) -> Client:
    """The installation's, with the host allowed by name where the connection allows that."""
    client = access.client or Client()
    allow = client.allow
    if access.allows_private:
        allow = replace(allow, hosts=allow.hosts | {host.lower()})
    return replace(
        client,
        allow=allow,
        connect_seconds=limits.connect,
        read_seconds=limits.read,
        total_seconds=limits.total,
        largest_answer=LARGEST_ANSWER,
    )


class Transport:
    """Calls to one address. ``authorize`` gives the headers that carry the credential."""

    def __init__(
        self,
        access: Access,
        *,
        base_url: str,
        authorize: Callable[[], Headers],
        secrets: Iterable[str],
        limits: Limits,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises :class:`Configuration` for an address that cannot be used."""
        self.base_url = base_url.rstrip("/")
        try:
            parts = urlsplit(self.base_url)
            host, scheme = parts.hostname or "", parts.scheme
        except ValueError:
            host, scheme = "", ""
        if not host or scheme not in ("http", "https"):
            raise Configuration("the address of the connection is none of http or https")
        if scheme == "http" and not (access.allows_private or access.client):
            raise Configuration("credentials are sent by https only; change the address")
        self._authorize, self.clock = authorize, clock
        self._secrets = sorted((s for s in secrets if len(s) >= 4), key=len, reverse=True)
        self._client = _client(access, host, limits)

    def hide(self, secret: str) -> None:
        """Take a credential that was got meanwhile out of all words to come."""
        self._secrets.insert(0, secret)

    def redacted(self, text: str) -> str:
        """Words without credentials and control characters, at most 500 characters."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _CONTROL.sub(" ", text)[:500]

    def send(
        self,
        request: Request,
        *,
        operation: str,
        makes: bool = False,
        authorization: Headers | None = None,
    ) -> Answer:
        """The answer, whatever its status, which the caller judges.

        ``makes``: where no whole answer came it may have been done, and is :class:`Ambiguous`.
        """
        lost: type[TrackerError] = Ambiguous if makes else Transient
        credentials = self._authorize() if authorization is None else authorization
        try:
            answer = self._client.send(self._call(request, credentials))
        except (Refused, TlsFailed) as error:
            raise Configuration(f"{operation}: {error}") from None
        except (ConnectFailed, NameUnknown) as error:
            raise Transient(f"{operation}: {error}") from None
        except OutgoingError as error:
            raise lost(f"{operation}: {error}") from None
        body = self._parsed(answer.body, answer.status, lost, operation)
        return Answer(
            status=answer.status, headers=answer.headers, body=body, received_at=self.clock()
        )

    def _call(self, request: Request, credentials: Headers) -> calls.Request:
        headers = {"Accept": "application/json", **request.headers, **credentials}
        content = None
        if request.body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(request.body, ensure_ascii=False).encode("utf-8", "replace")
        query = f"?{urlencode(request.query)}" if request.query else ""
        url = self.base_url + quote(request.path, safe="/%:@+,") + query
        return calls.Request(method=request.method, url=url, headers=headers, body=content)

    def _parsed(self, raw: bytes, status: int, lost: type[TrackerError], operation: str) -> Any:
        if not raw.strip():
            return None
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            if status >= 300:
                return None
            raise lost(f"{operation}: the answer is no JSON") from None
