"""Celery workers in processes of their own, which a test may kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from portal.celery import OTHER_QUEUES, SCAN_QUEUES
from portal.children import start_child, stop_child
from tests.services.waiting import wait_until


@dataclass(frozen=True)
class Worker:
    """One running worker: its main process with the processes of its pool."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """SIGKILL to the worker and its pool at once, as the kernel or a lost machine does it."""
        os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()

    def kill_pool(self) -> None:
        """SIGKILL to the processes that run tasks; the worker itself stays and replaces them."""
        for child in psutil.Process(self.pid).children():
            child.kill()

    def stop(self) -> None:
        stop_child(self.process, 10)


def start_worker(
    environment: Mapping[str, str],
    log: Path,
    *,
    queues: tuple[str, ...] = (*SCAN_QUEUES, *OTHER_QUEUES),
    processes: int = 1,
    include: str = "",
) -> Worker:
    """A worker that is ready to take tasks; `include` names a module with tasks of the test."""
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "--loglevel=INFO"]
    command += [f"--queues={','.join(queues)}", f"--concurrency={processes}"]
    command += [f"--hostname=test-{log.stem}@%h", "--without-mingle", "--without-gossip"]
    if include:
        command.append(f"--include={include}")
    worker = Worker(start_child(command, log, environment=environment), log)
    wait_until(lambda: is_ready(worker), f"a Celery worker, see {log}")
    return worker


def is_ready(worker: Worker) -> bool:
    text = worker.log.read_text(errors="replace")
    assert worker.process.poll() is None, f"The worker ended:\n{text}"
    return " ready." in text
