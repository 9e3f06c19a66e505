"""Connections of urllib3 that go to addresses that were checked, and end when the time is over."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from findings.outgoing_addresses import Address


class Deadline:
    """Cuts a socket off when the time is over, even while its other end trickles on."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._timer: threading.Timer | None = None

    @property
    def remaining(self) -> float:
        return max(self._ends - time.monotonic(), 0.0)

    @property
    def is_over(self) -> bool:
        return self.remaining == 0.0

    def watch(self, held: socket.socket) -> None:
        """A duplicate is shut, as TLS wraps the socket and must not be told by another thread."""
        twin = held.dup()
        self._timer = threading.Timer(self.remaining, _cut, args=(twin,))
        self._timer.daemon = True
        self._twin = twin
        self._timer.start()

    def release(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
            self._twin.close()


def _cut(twin: socket.socket) -> None:
    with suppress(OSError):  # the other end may be sooner
        twin.shutdown(socket.SHUT_RDWR)


class _Pinned:
    """Opens the socket to one of the given addresses; no name is looked up again."""

    addresses: tuple[Address, ...]
    address_port: int
    connect_seconds: float
    deadline: Deadline

    def _new_conn(self) -> socket.socket:
        error: OSError | None = None
        for address in self.addresses:
            seconds = min(self.connect_seconds, self.deadline.remaining)
            try:
                # A literal address: getaddrinfo inside asks no name server.
                held = socket.create_connection(
                    (str(address), self.address_port), timeout=max(seconds, 0.001)
                )
            except OSError as failure:
                error = failure
                continue
            held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.deadline.watch(held)
            return held
        if isinstance(error, TimeoutError):
            raise ConnectTimeoutError(self, "no connection in time")
        raise NewConnectionError(self, "no connection")  # type: ignore[arg-type]


class PinnedHTTP(_Pinned, HTTPConnection):
    pass


class PinnedHTTPS(_Pinned, HTTPSConnection):
    pass


def pinned(
    connection: Any,
    *,
    addresses: tuple[Address, ...],
    port: int,
    connect_seconds: float,
    deadline: Deadline,
) -> Any:
    connection.addresses, connection.address_port = addresses, port
    connection.connect_seconds, connection.deadline = connect_seconds, deadline
    return connection
