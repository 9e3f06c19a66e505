"""The one way by which adapters speak HTTP: guarded, with limits, redacted, logged.

Redirects are never followed here: a credential goes only where the connection says.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    SSLError,
)

from workers.trackers.base import Json
from workers.trackers.errors import Ambiguous, Configuration, TrackerError, Transient
from workers.trackers.guard import AddressRefused, pool_of

logger = logging.getLogger(__name__)

LARGEST_ANSWER = 10_000_000
"""Bytes; a longer answer is not read."""
_CHUNK = 65_536
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


class Transport:
    """Calls to one address. ``authorize`` gives the headers that carry the credential."""

    def __init__(
        self,
        base_url: str,
        *,
        authorize: Callable[[], Headers],
        secrets: Iterable[str],
        allows_private: bool,
        limits: Limits,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises :class:`Configuration` for an address that cannot be used."""
        self.base_url = base_url.rstrip("/")
        try:
            parts = urlsplit(self.base_url)
            host, port, scheme = parts.hostname or "", parts.port, parts.scheme
        except ValueError:
            host, port, scheme = "", None, ""
        if not host or scheme not in ("http", "https"):
            raise Configuration("the address of the connection is none of http or https")
        if scheme == "http" and not allows_private:
            raise Configuration("credentials are sent by https only; change the address")
        self._prefix, self._authorize = parts.path, authorize
        self._secrets = sorted((s for s in secrets if len(s) >= 4), key=len, reverse=True)
        self._limits, self.clock = limits, clock
        self._pool = pool_of(scheme, host, port, allows_private=allows_private)

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
        begun, status = time.monotonic(), 0
        try:
            credentials = self._authorize() if authorization is None else authorization
            response = self._open(request, credentials)
            status = response.status
            raw = self._read(response, begun, lost, operation)
            body = self._parsed(raw, status, lost, operation)
        except AddressRefused as error:
            raise Configuration(f"{operation}: {error}") from None
        except SSLError:
            raise Configuration(f"{operation}: no trusted TLS connection to the host") from None
        except (NewConnectionError, ConnectTimeoutError):
            raise Transient(f"{operation}: no connection") from None
        except (HTTPError, OSError) as error:
            raise lost(f"{operation}: no whole answer came ({type(error).__name__})") from None
        finally:
            spent = round((time.monotonic() - begun) * 1000)
            logger.info(
                "%s: %s %s %s in %s ms", operation, request.method, request.path, status, spent
            )
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=status, headers=headers, body=body, received_at=self.clock())

    def _open(self, request: Request, credentials: Headers) -> BaseHTTPResponse:
        headers = {
            "accept": "application/json",
            "user-agent": "Cairn",
            **request.headers,
            **credentials,
        }
        content = None
        if request.body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(request.body, ensure_ascii=False).encode("utf-8", "replace")
        path = quote(self._prefix + request.path, safe="/%:@+,")
        query = f"?{urlencode(request.query)}" if request.query else ""
        return self._pool.urlopen(
            request.method,
            path + query,
            body=content,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=True,
            timeout=Timeout(connect=self._limits.connect, read=self._limits.read),
        )

    def _read(
        self, response: BaseHTTPResponse, begun: float, lost: type[TrackerError], operation: str
    ) -> bytes:
        """The whole body, released in the end whatever happens."""
        pieces, size = [], 0
        try:
            for piece in response.stream(_CHUNK):
                size += len(piece)
                if size > LARGEST_ANSWER:
                    raise lost(f"{operation}: the answer is too long")
                if time.monotonic() - begun > self._limits.total:
                    raise lost(f"{operation}: the answer took too long")
                pieces.append(piece)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return b"".join(pieces)

    def _parsed(self, raw: bytes, status: int, lost: type[TrackerError], operation: str) -> Any:
        if not raw.strip():
            return None
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            if status >= 300:
                return None
            raise lost(f"{operation}: the answer is no JSON") from None
