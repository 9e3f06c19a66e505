"""Connections that go only where they may: the address is checked after the name is resolved.

The address that was checked is the one that is connected to, so a name that answers differently
the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError
from urllib3.util.connection import create_connection


class AddressRefused(Exception):
    """The host has no address that may be reached."""


def allowed_address(host: str, port: int, *, allows_private: bool) -> str:
    """The first address of the host, all of which must be allowed.

    Raises :class:`AddressRefused`, and OSError where the name is unknown.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_may_reach(address, allows_private) for address in addresses):
        raise AddressRefused("its host has an address that may not be reached")
    return addresses[0]


def _may_reach(text: str, allows_private: bool) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return allows_private or address.is_global


class _Guarded(HTTPConnection):
    allows_private = False

    def _new_conn(self) -> socket.socket:
        try:
            address = allowed_address(self.host, self.port, allows_private=self.allows_private)
            return create_connection(
                (address, self.port),
                self.timeout,
                source_address=self.source_address,
                socket_options=self.socket_options,
            )
        except OSError:
            raise NewConnectionError(self, "no connection") from None


class _GuardedTls(_Guarded, HTTPSConnection):
    """The certificate is still checked against the name."""


class _GuardedPrivate(_Guarded):
    allows_private = True


class _GuardedTlsPrivate(_GuardedTls):
    allows_private = True


def pool_of(
    scheme: str, host: str, port: int | None, *, allows_private: bool
) -> HTTPConnectionPool:
    """Connections to one host, checked; TLS where the scheme is https."""
    kind = HTTPSConnectionPool if scheme == "https" else HTTPConnectionPool
    usual = 443 if scheme == "https" else 80
    pool: HTTPConnectionPool = kind(host, port or usual, maxsize=1, retries=False)
    tls, plain = (
        (_GuardedTlsPrivate, _GuardedPrivate) if allows_private else (_GuardedTls, _Guarded)
    )
    pool.ConnectionCls = tls if scheme == "https" else plain
    return pool
