"""Child processes that leave nothing behind.

Each has a process group of its own: a Ctrl-C in the terminal reaches only us, and ending the group
ends what the child started. On Linux the kernel ends a child whose parent was killed.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_BYTES = 10_000_000
POLL_SECONDS = 0.05


def start_child(
    command: Sequence[str],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    inherited: Sequence[int] = (),
    user: str | None = None,
    directory: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Starts the command with its output at the end of `log`; `inherited` are file descriptors."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603  commands are ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else {**os.environ, **environment},
            cwd=directory,
            pass_fds=inherited,
            user=user,
            start_new_session=True,
            preexec_fn=_end_with_parent(),
        )


def stop_child(child: subprocess.Popen[bytes], seconds: float) -> None:
    """Asks the child to end, and ends its whole group when it has not after so many seconds."""
    _signal_group(child, signal.SIGTERM, whole=False)
    deadline = time.monotonic() + seconds
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    _signal_group(child, signal.SIGKILL, whole=True)
    child.wait()


def last_line(log: Path) -> str:
    """The last line that a child wrote, "" when there is none."""
    with contextlib.suppress(FileNotFoundError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""
    return ""


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals, *, whole: bool) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if whole:
            os.killpg(child.pid, number)
        elif child.poll() is None:
            child.send_signal(number)


def put_aside(log: Path) -> None:
    """Begins a new log when the old one has grown large; one old one is kept."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))


def _end_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    # Loaded here: after the fork only what is already in memory is safe to call.
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def after_fork() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return after_fork
