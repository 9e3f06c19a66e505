"""The header Retry-After, RFC 9110 section 10.2.3 (pure)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST = timedelta(days=3650)
"""What is longer is this long: years of a plan are all the same."""


def retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """How long the server asks to wait: seconds, or until a date; None if it does not say."""
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=int(text)), _LONGEST) if len(text) <= 12 else _LONGEST
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta(0))
