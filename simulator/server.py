"""The HTTP server: one endpoint for every AWS service, and /_simulator/ to steer the world."""

import contextlib
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulator import admin
from simulator.gateway import Gateway, NoReply, Truncated
from simulator.protocol import HttpReply, HttpRequest
from simulator.world import World

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 120  # longer than any client waits


class SimulatorServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world: World, host: str, port: int, canary: str | None) -> None:
        self.gateway = Gateway(world, canary)
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        super().__init__((host, port), Handler)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def shutdown(self) -> None:
        self.stopping.set()
        super().shutdown()

    def server_close(self) -> None:
        """Ends the connections too, which clients would keep for their next call."""
        super().server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the simulator; all else is."""
        if not isinstance(sys.exception(), ConnectionError):
            log.exception("the simulator failed")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: SimulatorServer

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        request = HttpRequest(
            method=self.command,
            path=path,
            query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )
        gateway = self.server.gateway
        try:
            if path.startswith(admin.PREFIX):
                self._send(admin.reply(gateway, request))
            else:
                self._send(gateway.reply(request))
        except Truncated as truncated:
            self._send(truncated.reply, share=0.5)
            self.close_connection = True
        except NoReply:
            self.server.stopping.wait(TIMEOUT_SECONDS)
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _answer

    def _send(self, reply: HttpReply, share: float = 1) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: int(len(reply.body) * share)])
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Calls are counted, not written."""


def make_server(
    world: World, *, host: str = "127.0.0.1", port: int = 0, canary: str | None = None
) -> SimulatorServer:
    """A server that listens already; `serve_forever` answers."""
    return SimulatorServer(world, host, port, canary)


@contextlib.contextmanager
def serve(world: World, *, canary: str | None = None) -> Iterator[str]:
    """Answers for `world` in a thread, on a free port of loopback; yields the URL."""
    server = make_server(world, canary=canary)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.daemon = True
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
