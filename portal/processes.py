"""What the supervisor runs: the processes of an embedded Cairn, and how each shows it is ready."""

import http.client
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import redis
from django.conf import settings

from portal.celery import OTHER_QUEUES, SCAN_QUEUES
from portal.supervisor import Service
from workers.broker import server_command, socket_path

ASK_SECONDS = 1.0
# Celery ends at once on SIGTERM, puts back what it has not finished, and its tasks resume by lease.
CELERY_ENVIRONMENT = {"REMAP_SIGTERM": "SIGQUIT"}


def embedded_broker(home: Path) -> Service:
    """Our own broker, when no BROKER_URL names another."""
    return Service(
        name="broker",
        command=server_command(home),
        is_ready=lambda _: _broker_answers(home),
    )


def scan_worker(processes: int) -> Service:
    """Takes the long tasks: one account of a scan each."""
    return _worker("scan-worker", SCAN_QUEUES, processes)


def other_worker() -> Service:
    """Takes the short tasks, which then never wait behind a scan."""
    return _worker("worker", OTHER_QUEUES, 1)


def beat(home: Path) -> Service:
    """The clock: sends a task each minute."""
    return Service(
        name="beat",
        command=_celery("beat", f"--pidfile={home / 'beat.pid'}"),
        is_ready=lambda written: "beat: Starting" in written,
    )


def web(listener: socket.socket, threads: int) -> Service:
    """The portal. It is given the open socket: its port is ours, also while it starts again."""
    port = listener.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi:application"]
    command += ["--worker-class=gthread", f"--threads={threads}", "--graceful-timeout=5"]
    command += [f"--bind=fd://{listener.fileno()}", "--access-logfile=-"]
    return Service(
        name="web",
        command=command,
        is_ready=lambda _: _answers(port, "/healthz"),
        inherited=(listener.fileno(),),
    )


def simulator(port: int, arguments: Sequence[str]) -> Service:
    """The simulated AWS Organization at this port."""
    return Service(
        name="simulator",
        command=[sys.executable, "-m", "simulator", f"--port={port}", *arguments],
        # What it wrote, not who answers: another program may have taken the port.
        is_ready=lambda written: f":{port}" in written,
    )


def _worker(name: str, queues: Sequence[str], processes: int) -> Service:
    options = [f"--queues={','.join(queues)}", f"--concurrency={processes}"]
    options += [f"--hostname={name}@%h", "--without-mingle", "--without-gossip"]
    return Service(
        name=name,
        command=_celery("worker", *options),
        is_ready=lambda written: " ready." in written,
        environment=CELERY_ENVIRONMENT,
        stop_seconds=settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 5,
    )


def _celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "portal", *arguments]


def _broker_answers(home: Path) -> bool:
    with redis.Redis(unix_socket_path=str(socket_path(home))) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
