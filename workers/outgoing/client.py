"""The one way by which Cairn calls servers that people name: trackers, webhooks, chats.

What people name may lead inside: to the metadata service of a cloud, a database, a router. So a
name is resolved once, every address is judged, and the connection goes to what was judged.
Redirects are answers, not orders. Nothing is read of the environment's proxies.
"""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Timeout, Url, make_headers, parse_url

from findings.outgoing_addresses import Address, AllowList, address_of, is_public
from workers.outgoing.calls import Answer, CallEntry, Request
from workers.outgoing.connections import Deadline, PinnedHTTP, PinnedHTTPS, pinned
from workers.outgoing.errors import (
    Ambiguous,
    ConnectFailed,
    ConnectTimedOut,
    NameUnknown,
    OutgoingError,
    Refused,
    TimedOut,
    TlsFailed,
    TooLarge,
)

logger = logging.getLogger(__name__)

Resolver = Callable[[str, int], list[str]]
USER_AGENT = "Cairn"
NOTHING = AllowList()
PORTS = {"http": 80, "https": 443}


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, as text. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def log_call(entry: CallEntry) -> None:
    logger.info(
        "%s %s %s in %d ms, %d bytes",
        entry.method,
        entry.url,
        entry.error or entry.status,
        entry.milliseconds,
        entry.received_bytes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request goes: the URL's parts and the addresses that were judged."""

    url: Url
    host: str
    port: int
    addresses: tuple[Address, ...]

    @property
    def host_header(self) -> str:
        usual = self.port == PORTS[self.url.scheme or ""]
        return str(self.url.host) if usual else f"{self.url.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Sends requests, each on a connection of its own. Seconds are wall time.

    ``total_seconds`` bounds everything but the name server; ``read_seconds`` each silence.
    ``proxy`` is the URL of an HTTP proxy, which is asked for a tunnel to the judged address.
    ``trust`` replaces the certificates of the system (SSL_CERT_FILE adds to those).
    """

    allow: AllowList = NOTHING
    proxy: str = field(default="", repr=False)
    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = 30.0
    largest_answer: int = 5_000_000
    resolver: Resolver = resolve
    trust: ssl.SSLContext | None = None
    on_call: Callable[[CallEntry], None] = log_call

    def send(self, request: Request) -> Answer:
        """The answer, whatever its status. Raises the family of :class:`OutgoingError`."""
        started = time.monotonic()
        answer, error = None, ""
        try:
            answer = self._exchange(self.target(request.url), request)
            return answer
        except OutgoingError as failure:
            error = type(failure).__name__
            raise
        finally:
            entry = CallEntry(
                method=request.method,
                url=request.shown_url,
                status=answer.status if answer else None,
                error=error,
                milliseconds=int((time.monotonic() - started) * 1000),
                received_bytes=len(answer.body) if answer else 0,
            )
            self.on_call(entry)

    def target(self, text: str) -> Target:
        """Resolve and judge; also for a URL that is only to be stored. Raises Refused, NameUnknown.

        One address that is refused refuses the name: which one is asked is not left to chance.
        """
        url = _parsed(text)
        host = str(url.host).strip("[]").rstrip(".")
        port = url.port or PORTS[url.scheme or ""]
        addresses = self._addresses(host, port)
        for address in addresses:
            allowed = self.allow.allows(host, address)
            if not (allowed or is_public(address)):
                raise Refused(
                    f"{host} leads to {address}, which is not public. CAIRN_OUTGOING_ALLOW can"
                    " name the host or its network."
                )
            if url.scheme == "http" and not allowed:
                raise Refused(f"{host} is called by https only, unless it is allowed by setting.")
        return Target(url=url, host=host, port=port, addresses=addresses)

    def _addresses(self, host: str, port: int) -> tuple[Address, ...]:
        try:
            texts = self.resolver(host, port)
        except (OSError, UnicodeError):
            raise NameUnknown(f"{host} has no address.") from None
        try:
            addresses = tuple(address_of(text) for text in texts)
        except ValueError:
            raise Refused(f"{host} leads to an address of one network interface only.") from None
        if not addresses:
            raise NameUnknown(f"{host} has no address.")
        return addresses

    def _exchange(self, target: Target, request: Request) -> Answer:
        deadline = Deadline(self.total_seconds)
        connection = self._connection(target, deadline)
        try:
            self._connect(connection, target)
            return self._ask(connection, target, request, deadline)
        finally:
            deadline.release()
            connection.close()

    def _connection(self, target: Target, deadline: Deadline) -> Any:
        timeout = Timeout(connect=self.connect_seconds, read=self.read_seconds).connect_timeout
        if self.proxy:
            return self._tunnel(target, deadline)
        if target.url.scheme == "http":
            plain = PinnedHTTP(target.host, target.port, timeout=timeout)
            return self._pinned(plain, target.addresses, target.port, deadline)
        secure = PinnedHTTPS(target.host, target.port, timeout=timeout, ssl_context=self._trust())
        return self._pinned(secure, target.addresses, target.port, deadline)

    def _tunnel(self, target: Target, deadline: Deadline) -> Any:
        if target.url.scheme != "https":
            raise Refused("Through a proxy, only https is spoken.")
        proxy = parse_url(self.proxy)
        host, port = str(proxy.host).strip("[]"), proxy.port or 80
        connection = PinnedHTTPS(
            host,
            port,
            timeout=self.connect_seconds,
            ssl_context=self._trust(),
            server_hostname=target.host,
            proxy=proxy,
        )
        headers = make_headers(proxy_basic_auth=proxy.auth) if proxy.auth else {}
        connection.set_tunnel(str(target.addresses[0]), target.port, headers=headers)
        addresses = self._addresses(host, port)  # the installation's own: not judged
        return self._pinned(connection, addresses, port, deadline)

    def _pinned(
        self, connection: Any, addresses: tuple[Address, ...], port: int, deadline: Deadline
    ) -> Any:
        return pinned(
            connection,
            addresses=addresses,
            port=port,
            connect_seconds=self.connect_seconds,
            deadline=deadline,
        )

    def _trust(self) -> ssl.SSLContext:
        return self.trust or ssl.create_default_context()

    def _connect(self, connection: Any, target: Target) -> None:
        """Until here nothing of the request has left."""
        try:
            connection.connect()
        except (ConnectTimeoutError, TimeoutError):
            raise ConnectTimedOut(f"No connection to {target.host} in time.") from None
        except (ssl.CertificateError, SSLError) as error:
            raise TlsFailed(f"No TLS with {target.host}: {_cause(error)}.") from None
        except ssl.SSLError as error:
            raise TlsFailed(f"No TLS with {target.host}: {_cause(error)}.") from None
        except (NewConnectionError, HTTPError, HTTPException, OSError):
            raise ConnectFailed(f"No connection to {target.host}.") from None

    def _ask(self, connection: Any, target: Target, request: Request, deadline: Deadline) -> Answer:
        connection.sock.settimeout(self.read_seconds)
        connection.timeout = self.read_seconds
        headers = {
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "identity",
            **request.headers,
            "Host": target.host_header,
            "Connection": "close",
        }
        try:
            connection.request(
                request.method,
                target.url.request_uri,
                body=request.body,
                headers=headers,
                preload_content=False,
                decode_content=False,
            )
        except ValueError:  # found before the first byte is sent
            raise Refused(f"A header or the method for {target.host} is not valid.") from None
        except (HTTPError, HTTPException, OSError):
            raise _cut_off(target, deadline) from None
        try:
            response = connection.getresponse()
            body = self._read(response)
        except (ReadTimeoutError, TimeoutError):
            raise TimedOut(f"{target.host} did not answer in time.") from None
        except (HTTPError, HTTPException, OSError, ValueError):
            raise _cut_off(target, deadline) from None
        if len(body) > self.largest_answer:
            raise TooLarge(
                f"{target.host} answered more than {self.largest_answer} bytes.",
                status=response.status,
            )
        if deadline.is_over:  # a body without a length only seems whole when it is cut off
            raise _cut_off(target, deadline)
        return Answer(status=response.status, headers=_plain(response.headers), body=body)

    def _read(self, response: Any) -> bytes:
        """To the end, where urllib3 notices what is missing, or a little more than the cap."""
        body = bytearray()
        while len(body) <= self.largest_answer:
            piece = response.read(65_536, decode_content=False)
            if not piece:
                break
            body += piece
        return bytes(body)


def _parsed(text: str) -> Url:
    try:
        url = parse_url(text)
    except LocationParseError:
        raise Refused("This is not a URL.") from None
    if url.scheme not in PORTS or not url.host:
        raise Refused("Give a URL that begins with https:// and names a host.")
    if url.auth:
        raise Refused("A URL holds no user and no password here.")
    return url


def _cut_off(target: Target, deadline: Deadline) -> OutgoingError:
    if deadline.is_over:
        return TimedOut(f"{target.host} did not answer in time.")
    return Ambiguous(f"{target.host} broke off before it had answered.")


def _cause(error: Exception) -> str:
    """The words of OpenSSL, which name certificates and hosts only."""
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "")
    return str(reason or "the handshake failed").rstrip(".")


def _plain(headers: Any) -> dict[str, str]:
    return {name.lower(): ", ".join(headers.getlist(name)) for name in headers}
