import json
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from simulator.__main__ import main

ROOT = Path(__file__).parents[2]


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_answer_key_is_printed():
    done = run("answers", "--accounts", "2", "--epoch", "2026-03-01T12:00:00+00:00")
    assert json.loads(done.stdout)["epoch"] == "2026-03-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--accounts", "0"], "accounts must be between"),
        (["--fault", "nonsense"], "no kind 'nonsense'"),
        (["check", "--fault", "throttle:nonsense"], "nothing that is simulated is nonsense"),
        (["--epoch", "2026-03-01T12:00:00"], "needs a time zone"),
        (["--port", "99999"], "port"),
        (["--canary", "a-b"], "letters and digits"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(arguments, complaint, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["simulator", *arguments])
    assert main() == 2
    said = capsys.readouterr().err
    assert said.startswith("simulator: ")
    assert said.count("\n") == 1
    assert complaint in said


def test_a_refusal_ends_the_process_with_its_code():
    done = run("--accounts", "0")
    assert done.returncode == 2
    assert "accounts must be between" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_prints_its_url_and_writes_its_port(tmp_path):
    port_file = tmp_path / "port"
    command = [sys.executable, "-m", "simulator", "--port-file", str(port_file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            assert url.endswith(f":{port_file.read_text().strip()}")
            assert urllib3.request("GET", f"{url}/_simulator/health").json()["status"] == "ok"
        finally:
            process.terminate()
    assert process.returncode == 0
