"""A tracker's HTTP interface on loopback: real sockets, threads, faults on demand, no waiting."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Said:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass
class Fault:
    """What goes wrong with the next call that fits; ``after`` it was done, or instead of it."""

    method: str
    part: str
    """Of the path."""
    said: Said | None = None
    """None: no answer comes."""
    after: bool = False
    times: int = 1


class FakeServer:
    """Holds the state of one tracker; ``answer`` of a subclass speaks its interface."""

    prefix: ClassVar[str] = ""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.before_call: Callable[[Asked], None] = lambda asked: None
        self.url = ""
        self.lock = threading.RLock()
        self.hold = threading.Event()

    def answer(self, asked: Asked) -> Said:
        raise NotImplementedError

    @property
    def writes(self) -> list[Asked]:
        return [a for a in self.asked if a.method != "GET" and "access_tokens" not in a.path]

    def fails(self, method: str, part: str, status: int | None = None, **more: Any) -> None:
        """The next call fails: with a status, or by no answer at all."""
        after, times = more.pop("after", False), more.pop("times", 1)
        said = None if status is None else Said(status=status, **more)
        self.faults.append(Fault(method, part, said, after, times))

    def respond(self, asked: Asked) -> Said | None:
        with self.lock:
            self.asked.append(asked)
            self.before_call(asked)
            fault = self._fault(asked)
            if fault is None:
                return self.answer(asked)
            if fault.after:
                self.answer(asked)
            return fault.said

    def _fault(self, asked: Asked) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.method == asked.method and fault.part in asked.path:
                fault.times -= 1
                return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: ClassVar[FakeServer]

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        parts = urlsplit(self.path)
        said = self.fake.respond(
            Asked(
                method=self.command,
                path=unquote(parts.path),
                query=dict(parse_qsl(parts.query)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=json.loads(raw) if raw else None,
            )
        )
        if said is None:  # the client gives up first; the end of the test ends this
            self.fake.hold.wait(5)
            self.close_connection = True
            return
        content = said.raw
        if content is None:
            content = b"" if said.body is None else json.dumps(said.body).encode()
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, ValueError):  # the client left
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def serving(fake: FakeServer) -> Iterator[FakeServer]:
    """The fake on a free port of loopback, at ``fake.url``."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}{fake.prefix}"
    try:
        yield fake
    finally:
        fake.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
