"""The way from AWS clients to a simulated world without a socket, at half the cost of a call.

What is tested is the same but for HTTP itself and for signatures, which tests of the simulator, of
the engine and of whole processes go through. A reply that a fault breaks off, or withholds, still
comes that way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from botocore import UNSIGNED
from botocore.auth import AUTH_TYPE_MAPS, SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.compat import get_current_datetime
from botocore.exceptions import NoCredentialsError

from simulator.gateway import Gateway, NoReply, Truncated
from simulator.protocol import HttpRequest
from simulator.server import serve
from simulator.world import World
from workers.aws.engine.clients import Clients
from workers.aws.engine.retries import Backoff

_GATEWAYS: dict[str, Gateway] = {}
"""By the host and port at which the same world is served."""


@contextmanager
def serve_directly(world: World, *, canary: str | None = None) -> Iterator[str]:
    """Serves a world, and answers `direct_clients` of the yielded URL where they stand."""
    with serve(world, canary=canary) as url:
        host = urlsplit(url).netloc
        _GATEWAYS[host] = Gateway(world, canary)
        try:
            yield url
        finally:
            del _GATEWAYS[host]


@cache
def direct_clients() -> Clients:
    """The clients of this process for worlds that are served directly; they never wait."""
    clients = Clients(backoff=Backoff(sleep=lambda _: None))
    AUTH_TYPE_MAPS[_Named.version] = _Named
    clients.session.register("choose-signer", _signature_version)
    clients.session.register("before-send", _answer)
    return clients


class _Named(SigV4Auth):
    """Says who asks, for which region and service; a signature would only cost time."""

    version = "named"

    def add_auth(self, request: AWSRequest) -> None:
        if self.credentials is None:
            raise NoCredentialsError
        request.context["timestamp"] = get_current_datetime().strftime(SIGV4_TIMESTAMP)
        request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={self.scope(request)}"
        if self.credentials.token:
            request.headers["X-Amz-Security-Token"] = self.credentials.token


def _signature_version(signature_version: object, **_event: Any) -> object:
    return signature_version if signature_version is UNSIGNED else _Named.version


def _answer(request: AWSPreparedRequest, **_event: Any) -> AWSResponse | None:
    """The response, or None where it has to come through the socket."""
    url = urlsplit(request.url)
    gateway = _GATEWAYS.get(url.netloc)
    if gateway is None:
        return None
    asked = HttpRequest(
        method=request.method,
        path=url.path,
        query=url.query,
        headers={name.lower(): _text(value) for name, value in request.headers.items()},
        body=_bytes(request.body),
    )
    try:
        reply = gateway.reply(asked)
    except (Truncated, NoReply):
        return None
    return AWSResponse(request.url, reply.status, reply.headers, _Body(reply.body))


class _Body(BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")
