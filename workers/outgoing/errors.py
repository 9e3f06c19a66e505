"""How a call to a foreign server fails. The class says what may be done about it.

A message names the host and the cause, never a header, the path or the query of the URL, so that it
may be shown and kept.
"""

from __future__ import annotations


class OutgoingError(Exception):
    """Any of the below; the base itself is never raised. ``sent`` is false where nothing left."""

    sent = False


class Refused(OutgoingError):
    """The URL, a header or the address is one that is never called; a person has to change it."""


class NameUnknown(OutgoingError):
    """The host's name has no address, or the name server did not answer."""


class TlsFailed(OutgoingError):
    """No trusted certificate for the host's name, or no common version of TLS. Nothing was sent."""


class ConnectFailed(OutgoingError):
    """No connection; nothing was sent."""


class ConnectTimedOut(ConnectFailed):
    """No connection in time; nothing was sent."""


class Ambiguous(OutgoingError):
    """The request was sent, wholly or in part, and no whole answer came: it may have had effect."""

    sent = True


class TimedOut(Ambiguous):
    """Likewise, because the time was over."""


class TooLarge(OutgoingError):
    """An answer came that is larger than is read; the request was taken. ``status`` is its own."""

    sent = True

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status
