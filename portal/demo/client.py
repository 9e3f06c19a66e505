"""A small client of the REST API, as a program of anybody would have one."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

SECONDS = 60.0
SUCCESS = range(200, 300)


class ApiRefused(OSError):
    """The API did not do what it was asked for; the message is what it said."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    body: bytes
    etag: str = ""


Send = Callable[[str, str, bytes | None, Mapping[str, str]], Reply]
"""Method, path with query, body and headers -> the reply. Raises OSError."""


class Api:
    """The API as one person; `path` is what follows `/api/v1/`."""

    def __init__(self, send: Send, token: str) -> None:
        self._send, self._token = send, token

    def get(self, path: str, **query: str) -> Any:
        asked = f"{path}?{urlencode(query)}" if query else path
        return json.loads(self._call("GET", asked).body)

    def every(self, path: str, **query: str) -> Iterator[Any]:
        """What a list holds, page by page."""
        page = self.get(path, **query)
        yield from page["results"]
        while page["next"]:
            page = self.get(page["next"].partition("/api/v1/")[2])
            yield from page["results"]

    def first(self, path: str, **query: str) -> Any | None:
        return next(self.every(path, **query), None)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return json.loads(self._call("POST", path, body or {}).body)

    def post_to_what_stands(self, noun: str, action: str, body: Mapping[str, Any]) -> Any:
        """For a noun that wants to know which version is meant: the one that is there now."""
        etag = self._call("GET", noun).etag
        return json.loads(self._call("POST", f"{noun}{action}", body, {"If-Match": etag}).body)

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        sent = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        reply = self._send(method, f"/api/v1/{path}", content, {**sent, **(headers or {})})
        if reply.status not in SUCCESS:
            said = reply.body.decode(errors="replace")[:500]
            raise ApiRefused(f"{method} {path}: {reply.status} {said}")
        return reply


def over_http(url: str) -> Send:
    """To the portal at this address; each call has a connection of its own."""
    return partial(_send, urlsplit(url))


def _send(at: Any, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
    connection = http.client.HTTPConnection(at.netloc, timeout=SECONDS)
    try:
        connection.request(method, f"{at.path.rstrip('/')}{path}", body, dict(headers))
        reply = connection.getresponse()
        return Reply(status=reply.status, body=reply.read(), etag=reply.headers.get("ETag", ""))
    except http.client.HTTPException as error:
        raise ApiRefused(f"{method} {path}: {error or type(error).__name__}") from error
    finally:
        connection.close()
