"""Small servers on loopback that a test tells how to answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Received:
    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        self.method, self.path = handler.command, handler.path
        self.headers = dict(handler.headers.items())
        self.body = handler.rfile.read(length)


class Receiver(ThreadingHTTPServer):
    """Keeps what it receives; answers what ``answers`` says, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[Received] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = [(200, {}, b"ok")]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def _answer(self) -> None:
        self.server.received.append(Received(self))
        answers = self.server.answers
        status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def raw_server(*pieces: bytes, pause: float = 0.0, hold: bool = False) -> Iterator[int]:
    """Its port. Reads once, sends the pieces with pauses, and holds on or closes."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        try:
            held, _ = listener.accept()
        except OSError:
            return
        with held:
            held.recv(65536)
            try:
                for piece in pieces:
                    held.sendall(piece)
                    over.wait(pause)
            except OSError:
                return
            if hold:
                over.wait(5)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.close()
        thread.join(2)
