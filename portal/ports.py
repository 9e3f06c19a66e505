"""Ports to listen at: the usual one, or any free one when it is taken."""

import socket
from argparse import ArgumentTypeError
from contextlib import closing

HIGHEST_PORT = 65535


def port_number(text: str) -> int:
    """A port of a command line; 0 is any free one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(HIGHEST_PORT))
    if not is_number or int(text) > HIGHEST_PORT:
        raise ArgumentTypeError(f"{text!r} is not a port, a number up to {HIGHEST_PORT}")
    return int(text)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket at this port, or at a free one when it is taken or 0."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        if port == 0:
            raise
        listener.close()
        return listen(host, 0)
    listener.listen(128)
    return listener


def free_port(port: int) -> int:
    """This port when nobody on this machine listens at it, else a free one."""
    with closing(listen("127.0.0.1", port)) as listener:
        return int(listener.getsockname()[1])
