import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def home(short_path):
    return short_path / "home"


@pytest.fixture
def start_up(home, short_path):
    """Starts `manage.py up` on a free port; returns its process and the file of its output."""
    started = []

    def start(**variables):
        output = short_path / f"up-{len(started)}.txt"
        fixed = {"PATH": os.environ["PATH"], "CAIRN_ENV_FILE": "", "CAIRN_HOME": str(home)}
        with output.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port=0"],
                cwd=ROOT,
                env=fixed | variables,
                stdout=file,
                stderr=subprocess.STDOUT,
                preexec_fn=_as_at_a_terminal,
            )
        started.append(process)
        return process, output

    yield start
    for process in started:
        process.terminate()
        process.wait()


def _as_at_a_terminal():
    """A shell lets what it runs in the background ignore Ctrl-C, and all that this starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def await_address():
    def wait(output):
        return wait_until(lambda: _address_in(output), f"an address in {output}", 60)

    return wait


def _address_in(output):
    found = re.search(r"Cairn is at (\S+)", output.read_text())
    return found[1] if found else None
