import os
import signal
import subprocess
import sys

import psutil
import pytest

from portal.supervisor import NotReady, Service, Supervisor
from tests.services.waiting import wait_until

WAITS = [sys.executable, "-c", "print('here', flush=True); import time; time.sleep(600)"]
FAILS = [sys.executable, "-c", "import sys; print('no such thing'); sys.exit(3)"]


def service(name="one", command=WAITS, **options):
    return Service(name=name, command=command, is_ready=lambda text: "here" in text, **options)


@pytest.fixture
def lines():
    return []


@pytest.fixture
def supervisor(short_path, lines):
    with Supervisor(short_path, lines.append) as supervisor:
        yield supervisor


def pid_in(line):
    return int(line.rpartition(" ")[2].rstrip(")"))


def test_start_returns_when_every_service_is_ready_with_a_line_for_each(supervisor, lines):
    supervisor.start([service("one"), service("two")])
    assert sorted(line.split()[0] for line in lines) == ["one", "two"]
    assert all("running" in line for line in lines)


def test_what_dies_is_started_again_and_said(supervisor, lines):
    supervisor.start([service()])
    os.kill(pid_in(lines[0]), signal.SIGKILL)
    wait_until(lambda: len(lines) == 3, "the service runs again")
    assert "was killed by SIGKILL, starts again in 1 s" in lines[1]
    assert psutil.pid_exists(pid_in(lines[2]))


def test_a_service_that_never_starts_is_refused_with_what_it_wrote(supervisor):
    with pytest.raises(NotReady, match=r"one does not start: no such thing\nMore is in .*one.log"):
        supervisor.start([service(command=FAILS)])


def test_a_command_that_does_not_exist_is_refused(supervisor):
    with pytest.raises(NotReady, match="one does not start"):
        supervisor.start([service(command=["/no/such/program"])])


def test_at_the_end_nothing_is_left_and_the_last_started_stops_first(short_path):
    lines = []
    with Supervisor(short_path, lines.append) as supervisor:
        supervisor.start([service("first")])
        supervisor.start([service("second")])
        pids = [pid_in(line) for line in lines]
    assert [line.split()[0] for line in lines[2:]] == ["second", "first"]
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_what_a_service_started_ends_with_it(short_path):
    lines = []
    script = (
        "import subprocess, sys, time; c = subprocess.Popen(['sleep', '600']);"
        "print('here', c.pid, flush=True); time.sleep(600)"
    )
    with Supervisor(short_path, lines.append) as supervisor:
        supervisor.start([service(command=[sys.executable, "-c", script])])
        grandchild = psutil.Process(int((short_path / "one.log").read_text().split()[1]))
    wait_until(lambda: has_ended(grandchild), "the grandchild has ended")


def test_a_service_that_ignores_sigterm_is_killed_in_the_end(short_path):
    script = "import signal, time; signal.signal(15, 1); print('here', flush=True); time.sleep(600)"
    lines = []
    stubborn = service(command=[sys.executable, "-c", script], stop_seconds=0.2)
    with Supervisor(short_path, lines.append) as supervisor:
        supervisor.start([stubborn])
    assert not psutil.pid_exists(pid_in(lines[0]))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_services_end_when_the_supervisor_itself_is_killed(short_path):
    ours = start_supervising(short_path)
    child = child_of(short_path)
    ours.kill()
    ours.wait()
    wait_until(lambda: has_ended(child), "the service has ended")


def test_the_supervisor_ends_with_its_parent_when_told_so(short_path):
    """The parent is a shell that starts the supervisor and is then killed."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(short_path)])
    child = wait_until(lambda: child_of(short_path), "the service runs")
    parent.kill()
    parent.wait()
    wait_until(lambda: has_ended(child), "the service has ended")


SUPERVISE = """
import sys
from pathlib import Path
from portal.supervisor import Supervisor, stopped_by_signals
from tests.portal.test_supervisor import service
place = Path(sys.argv[1])
with stopped_by_signals(), Supervisor(place, print, stop_with_parent=True) as supervisor:
    supervisor.start([service()])
    (place / "started").touch()
    supervisor.wait()
"""
PARENT = (
    f"import subprocess, sys; subprocess.call([sys.executable, '-c', {SUPERVISE!r}, sys.argv[1]])"
)


def start_supervising(place):
    ours = subprocess.Popen([sys.executable, "-c", SUPERVISE, str(place)])
    wait_until((place / "started").exists, "the supervisor has started its service")
    return ours


def child_of(place):
    named = [p for p in psutil.process_iter() if log_of(p) == str(place / "one.log")]
    return named[0] if named else None


def log_of(process):
    try:
        return os.readlink(f"/proc/{process.pid}/fd/1")
    except OSError:
        return ""


def has_ended(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
