"""A tiny AWS: it answers every request by a script, and says who signed it."""

import contextlib
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

CREDENTIAL = re.compile(r"Credential=(?P<key>\w+)/\d+/(?P<region>[\w-]+)/(?P<service>\w+)/")
IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::1:user/x</Arn><UserId>x</UserId><Account>{}</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>"""
ERROR = """<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>
</Error><RequestId>request-2</RequestId></ErrorResponse>"""


@dataclass(frozen=True)
class Asked:
    access_key: str
    region: str
    service: str
    operation: str
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    breaks_off: bool = False
    is_silent: bool = False


def error(code: str, status: int = 400, message: str = "no", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, ERROR.format(code=code, message=message), named)


def identity(asked: Asked) -> Answer:
    """The access key in place of the account, so that mixed-up credentials show."""
    return Answer(body=IDENTITY.format(asked.access_key))


class ScriptedAws(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.connections = 0
        self.closing = threading.Event()
        self.script: list[Answer] = []
        self.otherwise: Callable[[Asked], Answer] = identity
        self.scheme = "https" if context else "http"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Clients that refuse the certificate go away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: ScriptedAws

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        signed = CREDENTIAL.search(self.headers.get("Authorization", ""))
        parameters = dict(parse_qsl(body.decode()))
        operation = parameters.get("Action") or self.headers.get("X-Amz-Target", "")
        asked = Asked(*(signed.groups() if signed else ("", "", "")), operation, parameters)
        self.server.asked.append(asked)
        answer = self.server.script.pop(0) if self.server.script else self.server.otherwise(asked)
        if answer.is_silent:
            self.server.closing.wait()
        if answer.breaks_off or answer.is_silent:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body.encode())
        self.wfile.flush()

    do_HEAD = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@contextlib.contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[ScriptedAws]:
    server = ScriptedAws(context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
