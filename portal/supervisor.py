"""Runs a few processes as one: starts them, starts again what dies, stops them all.

One thread makes, watches and ends the processes, so that the caller's thread is free for its own
work and for signals. (On Linux a child ends with the thread that made it, so it must be one.)
"""

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portal.children import last_line, put_aside, start_child, stop_child

WATCH_SECONDS = 0.1
STEADY_SECONDS = 60.0
LONGEST_PAUSE = 30.0
READY_SECONDS = 60.0
# Children import our packages, from wherever we were called.
SOURCE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Service:
    """A process to keep running. `is_ready` is given what the process has written so far."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[str], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    inherited: Sequence[int] = ()
    stop_seconds: float = 8.0


class NotReady(Exception):
    """A service did not become ready; the message shows where to look."""


class _Keeper:
    """One service, its process of the moment, and when it may start again."""

    def __init__(self, service: Service, log: Path, report: Callable[[str], None]) -> None:
        self.service, self.log = service, log
        self.is_ready = False
        self.has_failed = False
        """It ended before it was ever ready; what fails at first is not tried again."""
        self._was_ready = False
        self._deaths = 0
        self._report = report
        self._start_at = 0.0
        self._child: subprocess.Popen[bytes] | None = None

    def look(self) -> None:
        """Notes a process that ended or became ready; starts it when its time has come."""
        if self._child is None:
            if not self.has_failed and time.monotonic() >= self._start_at:
                self._start()
        elif self._child.poll() is not None:
            self._note_end(self._child)
        elif not self.is_ready and self.service.is_ready(self._written()):
            self.is_ready = self._was_ready = True
            self._say(f"running (process {self._child.pid})")

    def ask_to_stop(self) -> None:
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()

    def stop(self) -> None:
        if self._child is not None:
            stop_child(self._child, self.service.stop_seconds)
            self._say("stopped")

    def _start(self) -> None:
        put_aside(self.log)
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        self._started_at = time.monotonic()
        try:
            self._child = start_child(
                self.service.command,
                self.log,
                environment=self.service.environment,
                inherited=self.service.inherited,
                directory=SOURCE,
            )
        except OSError as error:
            self._try_again(f"cannot be started ({error})")

    def _note_end(self, child: subprocess.Popen[bytes]) -> None:
        stop_child(child, 0)  # what it started and left in its group
        self._child, self.is_ready = None, False
        self._try_again(_how(child.returncode))

    def _try_again(self, reason: str) -> None:
        if not self._was_ready:
            self.has_failed = True
            self._say(reason)
            return
        steady = time.monotonic() - self._started_at > STEADY_SECONDS
        self._deaths = 1 if steady else self._deaths + 1
        pause = min(2.0 ** (self._deaths - 1), LONGEST_PAUSE)
        self._start_at = time.monotonic() + pause
        self._say(f"{reason}, starts again in {pause:.0f} s; see {self.log}")

    def _written(self) -> str:
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode(errors="replace")

    def _say(self, text: str) -> None:
        self._report(f"  {self.service.name:<12} {text}")


class Supervisor:
    """Keeps services running; a context manager that stops what started last first."""

    def __init__(
        self, logs: Path, write: Callable[[str], None], *, stop_with_parent: bool = False
    ) -> None:
        self._logs, self._write = logs, write
        self._parent = os.getppid() if stop_with_parent else None
        self._keepers: dict[str, _Keeper] = {}
        self._stages: list[list[Service]] = []
        self._new: queue.SimpleQueue[list[Service]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor")

    def __enter__(self) -> "Supervisor":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def start(self, services: Iterable[Service]) -> None:
        """Starts these services and returns when all are ready; raises NotReady."""
        stage = list(services)
        names = [service.name for service in stage]
        self._new.put(stage)
        deadline = time.monotonic() + READY_SECONDS
        while not all(self._is_ready(name) for name in names):
            for name in names:
                self._refuse_hopeless(name, late=time.monotonic() > deadline)
            time.sleep(WATCH_SECONDS)

    def wait(self) -> None:
        """Waits for a signal, which ends it by an exception."""
        self._stopping.wait()

    def _is_ready(self, name: str) -> bool:
        return name in self._keepers and self._keepers[name].is_ready

    def _refuse_hopeless(self, name: str, *, late: bool) -> None:
        keeper = self._keepers.get(name)
        if keeper is None or keeper.is_ready:
            return
        if late or keeper.has_failed:
            raise NotReady(
                f"{name} does not start: {last_line(keeper.log)}\nMore is in {keeper.log}"
            )

    def _watch(self) -> None:
        try:
            while not self._stopping.wait(WATCH_SECONDS):
                self._look()
        finally:
            for stage in reversed(self._stages):
                _stop_together([self._keepers[service.name] for service in stage])

    def _look(self) -> None:
        while not self._new.empty():
            self._add(self._new.get())
        for keeper in self._keepers.values():
            keeper.look()
        if self._parent not in (None, os.getppid()):
            self._end_us()

    def _end_us(self) -> None:
        self._parent = None  # asked once
        os.kill(os.getpid(), signal.SIGTERM)

    def _report(self, line: str) -> None:
        try:
            self._write(line)
        except OSError:  # nobody reads us any more
            self._write = lambda _: None
            self._end_us()

    def _add(self, stage: list[Service]) -> None:
        keepers = {
            service.name: _Keeper(service, self._logs / f"{service.name}.log", self._report)
            for service in stage
        }
        # A new dictionary: the thread that waits in `start` reads it meanwhile.
        self._keepers = {**self._keepers, **keepers}
        self._stages.append(stage)


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal end the block as Ctrl-C does; a second one changes nothing."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, frame: object) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        # nohup has asked to outlive the terminal
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)
    yield


def _stop_together(keepers: Iterable[_Keeper]) -> None:
    keepers = list(keepers)
    for keeper in keepers:
        keeper.ask_to_stop()
    for keeper in keepers:
        keeper.stop()


def _how(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with code {code}"
