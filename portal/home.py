"""The home of an embedded Cairn: one instance at a time works in it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Occupied(Exception):
    """Another Cairn works in this home; the message is its process id."""


@contextmanager
def occupied(home: Path) -> Iterator[None]:
    """Holds the home for the block; raises Occupied. The kernel frees it however we end."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Occupied(os.read(descriptor, 32).decode().strip()) from error
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def is_free(home: Path) -> bool:
    """Nobody works in this home just now."""
    try:
        with occupied(home):
            return True
    except Occupied:
        return False
