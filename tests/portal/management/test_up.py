"""`manage.py up` as a user runs it: every process, a real port, a demo, a backup, and its end.

In one course, as each start costs what a dozen processes cost.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from portal.demo.world import read_world
from portal.ports import free_port
from portal.processes import simulator
from portal.supervisor import Supervisor
from tests.portal.management.conftest import ROOT, environment_of, run_cairn
from tests.services.waiting import wait_until

REPORT = """
from accounts.models import Account
from django.contrib.auth.models import User
from django.core.management import call_command
from findings.models import Finding
call_command("migrate", check_unapplied=True, verbosity=0)
print(User.objects.get().username, Account.objects.count(), Finding.objects.count())
"""


@dataclass
class Course:
    """What was seen from start to end, in this order."""

    home: Path
    process: int
    ready: int
    started: list[str]
    second: tuple[int, str]
    """Code and output of another start in the same home."""
    demo: subprocess.CompletedProcess[str]
    backup: subprocess.CompletedProcess[str]
    healthy_again: int
    """The status after the web server was killed."""
    code: int
    output: str
    left: list[psutil.Process]


@pytest.fixture(scope="module")
def place():
    """A directory whose name is short enough for Unix sockets in it."""
    path = Path(tempfile.mkdtemp(prefix="cairn-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def course(place):
    home = place / "home"
    with simulated_aws(place) as variables, started(home, place / "up.txt", variables) as up:
        process, output = up
        url = await_address(output)
        ready = status_of(f"{url}readyz")
        names = re.findall(r"^  (\S+) +running", output.read_text(), re.MULTILINE)
        with started(home, place / "second.txt", variables) as (again, said):
            second = again.wait(60), said.read_text()
        demo = run_cairn(home, "demo", "--once", "--json", "--attach", **variables)
        backup = run_cairn(home, "backup", str(place / "backup"))
        os.kill(int(re.search(r"web +running \(process (\d+)\)", output.read_text())[1]), 9)
        wait_until(lambda: output.read_text().count("web  ") == 3, f"web again in {output}", 60)
        healthy_again = status_of(f"{url}healthz")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        code = process.wait(120)
        yield Course(
            home=home,
            process=process.pid,
            ready=ready,
            started=names,
            second=second,
            demo=demo,
            backup=backup,
            healthy_again=healthy_again,
            code=code,
            output=output.read_text(),
            left=[child for child in children if is_alive(child)],
        )


@contextmanager
def simulated_aws(place):
    """A small organization; yields the variables with which Cairn finds it."""
    port = free_port(0)
    url = f"http://127.0.0.1:{port}"
    with Supervisor(place / "logs", lambda _: None) as supervisor:
        supervisor.start([simulator(port, ["--accounts=2", "--regions=1"])])
        yield {"CAIRN_AWS_ENDPOINT_URL": url, **read_world(url).credentials}


@contextmanager
def started(home, output, variables):
    """`manage.py up` on a free port: its process and the file of its output."""
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port=0"],
            cwd=ROOT,
            env=environment_of(home) | variables,
            stdout=file,
            stderr=subprocess.STDOUT,
            preexec_fn=_as_at_a_terminal,
        )
    try:
        yield process, output
    finally:
        process.terminate()
        process.wait()


def _as_at_a_terminal():
    """A shell lets what it runs in the background ignore Ctrl-C, and all that this starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def await_address(output):
    def address():
        found = re.search(r"Cairn is at (\S+)", output.read_text())
        return found[1] if found else None

    return wait_until(address, f"an address in {output}", 60)


def status_of(url):
    with urllib.request.urlopen(url) as response:
        return response.status


def is_alive(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_serves_with_every_process(course):
    assert course.ready == 200
    assert sorted(course.started) == ["beat", "broker", "scan-worker", "web", "worker"]


def test_it_is_not_started_twice_in_one_home(course):
    code, said = course.second
    assert code == 1
    assert f"Cairn already runs in {course.home} (process {course.process})" in said


def test_a_demo_can_use_processes_that_run_already(course):
    """As the containers of the profile `demo` do."""
    assert course.demo.returncode == 0, course.demo.stderr
    assert json.loads(course.demo.stdout)["accounts"] == 2


def test_a_killed_web_server_comes_back_at_the_same_port(course):
    assert course.healthy_again == 200


def test_ctrl_c_leaves_nothing_behind(course):
    assert course.code == 0
    assert course.output.endswith("Cairn has stopped.\n")
    assert not course.left


def test_what_is_backed_up_while_it_runs_can_be_restored_into_a_new_home(course, place):
    assert course.backup.returncode == 0, course.backup.stderr
    shutil.copytree(place / "backup", place / "restored")
    report = run_cairn(place / "restored", "shell", "-v0", "-c", REPORT)
    found = sum(json.loads(course.demo.stdout)["findings"].values())
    assert (report.stdout, report.returncode) == (f"demo 2 {found}\n", 0), report.stderr
