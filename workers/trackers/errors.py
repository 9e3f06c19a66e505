"""How a call to a tracker fails. The class says what the engine does about it.

A message is shown to people and kept in sync events: it names operation, status and the tracker's
own words, and never a credential, a header or the query of a URL.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class TrackerError(Exception):
    """Any of the below; the base itself is never raised."""


class Transient(TrackerError):
    """It may succeed later, and may be tried again: 429, no connection, a read timed out.

    ``retry_after`` is what the tracker asked for, of any length; None where it did not say.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Ambiguous(TrackerError):
    """An issue or a comment may have been made or not: no whole answer came to the request.

    Only ``create`` and ``comment`` raise it: after a time-out, a broken connection, an answer that
    is cut short or is no JSON, and any 5xx. Where nothing was sent (no connection) it is
    :class:`Transient`, and so is all of this for every other operation.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Configuration(TrackerError):
    """It will fail for every ticket until a person acts: 401, 403, no such project or host.

    ``scope`` is the project it is about, or empty where the whole connection is.
    """

    def __init__(self, message: str, *, scope: str = "") -> None:
        super().__init__(message)
        self.scope = scope


class BlockedReason(StrEnum):
    REQUIRED_FIELD = "required_field"
    NO_TRANSITION = "no_transition"
    REFUSED_VALUE = "refused_value"
    LOCKED = "locked"


class Blocked(TrackerError):
    """This one issue cannot be changed so: a required field, no such transition, a value refused.

    ``fields`` names the tracker's fields that are the cause, where it tells them.
    """

    def __init__(
        self, message: str, *, reason: BlockedReason, fields: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.reason, self.fields = reason, fields


class Gone(TrackerError):
    """There is no such issue, or not for us any more: 404 or 410 on an issue.

    An issue that was moved is followed, never gone. A 404 on a project is
    :class:`Configuration`.
    """


class VersionChanged(TrackerError):
    """The issue is no longer of the version that the change was planned on; nothing was written."""
