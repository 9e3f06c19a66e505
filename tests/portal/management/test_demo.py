"""`manage.py demo --once --json` as a user runs it, over a small world."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def demo(short_path):
    def run(*arguments, **variables):
        inherited = {"PATH": os.environ["PATH"], "CAIRN_HOME": str(short_path)}
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "demo", "--once", "--json", *arguments],
            cwd=short_path,
            env={**inherited, "CAIRN_ENV_FILE": "", **variables},
            capture_output=True,
            text=True,
        )

    return run


def test_a_demo_ends_with_one_json_object_that_counts_what_it_found(demo):
    ended = demo("--accounts=4", "--regions=1")
    assert ended.returncode == 0, ended.stderr
    (line,) = ended.stdout.splitlines()
    found = json.loads(line)
    assert set(found) == {
        *("accounts", "shards", "api_calls", "facts", "gaps"),
        *("results", "rows", "findings", "seconds"),
    }
    assert found["accounts"] == 4
    assert found["api_calls"] > found["accounts"]
    assert sum(found["shards"].values()) >= 4
    assert list(found["rows"]) == ["P1", "P2", "P3", "O1", "O2", "O3", "O4", "E1", "E2", "E3"]
    for status in ("pass", "fail", "unknown", "not_applicable"):
        assert found["results"][status] == sum(row[status] for row in found["rows"].values())
    assert found["results"]["pass"] > 0
    assert found["results"]["fail"] >= sum(found["findings"].values()) > 0
    assert "findings" in ended.stderr


def test_a_real_database_broker_and_credentials_stay_untouched(demo, short_path):
    ended = demo(
        "--accounts=1",
        "--regions=1",
        DATABASE_URL=f"sqlite:///{short_path}/real.sqlite3",
        BROKER_URL="redis://127.0.0.1:1/0",
        SECRET_KEY="real",
        AWS_PROFILE="production",
    )
    assert ended.returncode == 0, ended.stderr
    assert not (short_path / "real.sqlite3").exists()


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("--accounts=0", "accounts must be between"),
        ("--day=0", "day must be 1 or more"),
        ("--fault=nonsense", "nonsense"),
    ],
)
def test_a_world_that_cannot_be_is_refused_with_a_reason(demo, argument, sentence):
    ended = demo(argument)
    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
