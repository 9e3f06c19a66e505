"""`manage.py up` as a user runs it: every process, a real port, and nothing left at the end."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.services.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def home(short_path):
    return short_path / "home"


@pytest.fixture
def start_up(home, short_path):
    started = []

    def start(*arguments):
        output = short_path / f"up-{len(started)}.txt"
        with output.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "up", *arguments],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "CAIRN_ENV_FILE": "", "CAIRN_HOME": str(home)},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        return process, output

    yield start
    for process in started:
        process.terminate()
        process.wait()


def address_in(output):
    found = re.search(r"Cairn is at (\S+)", output.read_text())
    return found[1] if found else None


def test_up_serves_with_every_process_and_leaves_none_behind(start_up, home):
    process, output = start_up("--port=0")
    url = wait_until(lambda: address_in(output), f"an address in {output}", 60)
    with urllib.request.urlopen(f"{url}readyz") as response:
        assert response.status == 200
    children = psutil.Process(process.pid).children(recursive=True)
    names = re.findall(r"^  (\S+) +running", output.read_text(), re.MULTILINE)
    assert sorted(names) == ["beat", "broker", "scan-worker", "web", "worker"]

    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert output.read_text().endswith("Cairn has stopped.\n")
    assert not [child for child in children if alive(child)]


def test_the_web_server_keeps_its_port_when_it_starts_again(start_up, home):
    _, output = start_up("--port=0")
    url = wait_until(lambda: address_in(output), f"an address in {output}", 60)
    os.kill(int(re.search(r"web +running \(process (\d+)\)", output.read_text())[1]), 9)
    wait_until(lambda: output.read_text().count("web  ") == 3, f"web again in {output}", 60)
    with urllib.request.urlopen(f"{url}healthz") as response:
        assert response.status == 200


def test_a_home_is_not_shared(start_up, home):
    process, output = start_up("--port=0")
    wait_until(lambda: address_in(output), f"an address in {output}", 60)
    second, said = start_up("--port=0")
    assert second.wait(60) == 1
    assert f"Cairn already runs in {home} (process {process.pid})" in said.read_text()


def alive(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
