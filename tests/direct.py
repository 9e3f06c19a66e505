"""The way from AWS clients to a simulated world without a socket, at half the cost of a call.

What is tested is the same but for HTTP itself, which tests of the simulator, of the engine and of
whole processes go through. A reply that a fault breaks off, or withholds, still comes that way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

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
    clients.session.register("before-send", _answer)
    return clients


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
