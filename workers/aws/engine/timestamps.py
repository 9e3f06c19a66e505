"""Instants as AWS writes them, always in UTC whatever the time zone of the machine.

botocore gives numbers in local time and parses texts with dateutil, which is ten times slower.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_timestamp(value: float | int | str) -> datetime:
    """Seconds since 1970 (as a number or a text), ISO 8601 or RFC 822; raises ValueError."""
    try:
        return EPOCH + timedelta(seconds=float(value))
    except ValueError:
        text = str(value)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = _rfc_822(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _rfc_822(text: str) -> datetime:
    try:
        return parsedate_to_datetime(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"not an instant that AWS would write: {text!r}") from error
