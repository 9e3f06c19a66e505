"""Which error a status of HTTP is, for all trackers alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from workers.trackers.errors import (
    Ambiguous,
    Blocked,
    BlockedReason,
    Configuration,
    Gone,
    TrackerError,
    Transient,
)
from workers.trackers.transport import Answer

LONGEST_WAIT = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a call is about, and so what its failure means."""

    operation: str
    project: str = ""
    is_issue: bool = False
    """A 404 means that the issue is gone; else that the project is not there."""
    makes: bool = False
    scopes_denial: bool = True
    """Whether a 403 is about the project only."""


def error_of(
    answer: Answer,
    about: About,
    *,
    words: str,
    fields: Mapping[str, str],
    refused: BlockedReason = BlockedReason.REFUSED_VALUE,
) -> TrackerError:
    """The error of an answer that is no success. ``words`` are the tracker's, redacted."""
    said = f"{about.operation}: {answer.status}" + (f": {words}" if words else "")
    status, wait = answer.status, retry_after(answer)
    wait = _reset_after(answer) if wait is None else wait
    if status == 429:
        return Transient(said, retry_after=wait)
    if status >= 500 or status == 408:
        lost = Ambiguous if about.makes else Transient  # a gateway may say 503 of what was done
        return lost(said, retry_after=wait if status == 503 else None)
    if status == 409:
        return Transient(said)  # changed by another at the same moment
    if status == 401:
        return Configuration(f"{said}; check the credentials")
    if status == 403:
        return Configuration(said, scope=_scope(about))
    if status in (404, 410):
        return Gone(said) if about.is_issue else Configuration(said, scope=about.project)
    if 300 <= status < 400:
        return Configuration(f"{said}; it redirects elsewhere: give the address it has now")
    if status == 423:
        return Blocked(said, reason=BlockedReason.LOCKED)
    if status in (400, 413, 422):
        return Blocked(said, reason=refused, fields=tuple(fields))
    return Transient(said)


def _scope(about: About) -> str:
    """What a denial is about: never the whole connection where an issue is denied."""
    if not about.scopes_denial:
        return ""
    return about.project or ("the project of the issue" if about.is_issue else "")


def retry_after(answer: Answer) -> timedelta | None:
    """What ``Retry-After`` asks for: seconds or a date, which counts from their own ``Date``."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    until = _date(text)
    if until is None:
        return None
    return min(max(until - told_at(answer), timedelta()), LONGEST_WAIT)


def _reset_after(answer: Answer) -> timedelta | None:
    """Until the moment that Jira Cloud names where a limit was hit, to the minute.

    https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
    """
    text = answer.headers.get("x-ratelimit-reset", "")
    if answer.status != 429 or "T" not in text:
        return None
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - told_at(answer), timedelta()), LONGEST_WAIT)


def told_at(answer: Answer) -> datetime:
    """When they answered, by their clock; by ours where they do not tell."""
    return _date(answer.headers.get("date", "")) or answer.received_at


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@contextmanager
def understood(operation: str, *, makes: bool = False) -> Iterator[None]:
    """Reading an answer; one of another form than documented is a failure of theirs."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        lost: Callable[[str], TrackerError] = Ambiguous if makes else Transient
        raise lost(f"{operation}: the answer is of an unknown form ({error!r:.80})") from None
