"""What is asked and answered, and what is kept of it: nothing that is secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

HIDDEN = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. ``secret_path``: the path is a credential too, as Slack's webhooks have."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    secret_path: bool = False

    @property
    def shown_url(self) -> str:
        return redacted(self.url, secret_path=self.secret_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Any status, redirects too. ``headers`` have lower-case names; equal ones are joined."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEntry:
    """A line of the call log. ``status`` is None, and ``error`` a class, where no answer came."""

    method: str
    url: str
    status: int | None
    error: str
    milliseconds: int
    received_bytes: int


def redacted(url: str, *, secret_path: bool = False) -> str:
    """The URL as it may be shown: without user, query and fragment, and path if that is secret."""
    try:
        parts = parse_url(url)
    except LocationParseError:
        return HIDDEN
    hidden = Url(
        scheme=parts.scheme,
        auth=HIDDEN if parts.auth else None,
        host=parts.host,
        port=parts.port,
        path=f"/{HIDDEN}" if secret_path else parts.path,
        query=HIDDEN if parts.query else None,
    )
    return hidden.url
