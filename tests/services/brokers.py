"""A real broker of a test's own."""

import subprocess
from pathlib import Path

import redis

from portal.children import start_child
from tests.services.waiting import wait_until
from workers.broker import broker_url, server_command, socket_path


def start_broker(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    """The server's process and the URL at which Celery finds it."""
    server = start_child(server_command(home), home / "broker.log")
    wait_until(lambda: answers(home), f"the broker, see {home / 'broker.log'}")
    return server, broker_url(home)


def answers(home: Path) -> bool:
    with redis.Redis(unix_socket_path=str(socket_path(home))) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


def empty(url: str) -> None:
    """Removes every message."""
    with redis.Redis(unix_socket_path=url.removeprefix("redis+socket://")) as client:
        client.flushall()
