"""`manage.py demo --once --json` as a user runs it, over a small world."""

import json
import os
import subprocess
import sys

import pytest

from portal.demo.world import read_world
from portal.ports import free_port
from portal.processes import simulator
from portal.supervisor import Supervisor
from tests.portal.management.conftest import ROOT


@pytest.fixture
def demo(short_path):
    def run(*arguments, **variables):
        fixed = {"PATH": os.environ["PATH"], "CAIRN_HOME": str(short_path), "CAIRN_ENV_FILE": ""}
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "demo", "--once", "--json", *arguments],
            cwd=short_path,
            env=fixed | variables,
            capture_output=True,
            text=True,
        )

    return run


def test_a_demo_ends_with_one_json_object_and_touches_nothing_real(demo, short_path):
    ended = demo(
        "--accounts=2",
        "--regions=1",
        "--incidents",
        DATABASE_URL=f"sqlite:///{short_path}/real.sqlite3",
        BROKER_URL="redis://127.0.0.1:1/0",
        SECRET_KEY="real",
        AWS_PROFILE="production",
    )
    assert ended.returncode == 0, ended.stderr
    assert not (short_path / "real.sqlite3").exists()
    (line,) = ended.stdout.splitlines()
    found = json.loads(line)
    assert set(found) == {
        *("accounts", "shards", "api_calls", "facts", "gaps"),
        *("results", "rows", "findings", "seconds"),
    }
    assert found["accounts"] == 2
    assert found["api_calls"] > found["accounts"]
    assert sum(found["shards"].values()) >= 2
    assert list(found["rows"]) == ["P1", "P2", "P3", "O1", "O2", "O3", "O4", "E1", "E2", "E3"]
    for status in ("pass", "fail", "unknown", "not_applicable"):
        assert found["results"][status] == sum(row[status] for row in found["rows"].values())
    assert found["results"]["pass"] > 0
    assert found["results"]["fail"] >= sum(found["findings"].values()) > 0
    assert "findings" in ended.stderr
    # They need more accounts than this world has; that is said, and nothing else is left out.
    assert "The two incidents are left out: this world has no account 100000000010." in ended.stderr


def test_a_demo_can_use_processes_that_run_already(demo, start_up, await_address, short_path):
    """As the containers of the profile `demo` do."""
    port = free_port(0)
    url = f"http://127.0.0.1:{port}"
    with Supervisor(short_path / "logs", lambda _: None) as supervisor:
        supervisor.start([simulator(port, ["--accounts=2", "--regions=1"])])
        variables = {"CAIRN_AWS_ENDPOINT_URL": url, **read_world(url).credentials}
        _, output = start_up(**variables)
        await_address(output)
        ended = demo("--attach", CAIRN_HOME=str(short_path / "home"), **variables)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["accounts"] == 2


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [("--day=0", "day must be 1 or more"), ("--fault=nonsense", "nonsense")],
)
def test_a_world_that_cannot_be_is_refused_with_a_reason(demo, short_path, argument, sentence):
    """In the words of the simulator, whose own tests read the others; the last demo stays."""
    earlier = short_path / "demo" / "cairn.sqlite3"
    earlier.parent.mkdir()
    earlier.touch()
    ended = demo(argument)
    assert earlier.exists()
    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
