import json
import os
import subprocess
import sys
from contextlib import ExitStack

import pytest
from django.core.management import CommandError, call_command

from simulator.server import serve
from simulator.world import World

TRAIL = "cloudtrail_multi_region_logging"


@pytest.fixture
def aws(monkeypatch):
    """The credentials of an account of a simulated organization."""
    with ExitStack() as stack:

        def use(**parts):
            world = World(**parts)
            url = stack.enter_context(serve(world))
            monkeypatch.setenv("AWS_ENDPOINT_URL", url)
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", world.credentials.access_key_id)
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", world.credentials.secret_access_key)
            return url

        yield use


@pytest.fixture
def run(capsys):
    """Runs the command: its exit code, its output and what it says beside."""

    def run(*arguments):
        code = 0
        try:
            call_command("assess", "--regions", "us-east-1", *arguments)
        except SystemExit as ended:
            code = ended.code
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_one_json_object_a_line(aws, run):
    aws(accounts=3)
    code, out, _err = run("--checks", TRAIL, "--format", "json")
    (line,) = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert line["type"] == "result"
    assert (line["check"], line["outcome"], line["region"]) == (TRAIL, "pass", "aws-global")
    assert set(line) == {
        "type", "check", "outcome", "account", "region", "resource", "message", "parts",
    }  # fmt: skip


def test_a_gap_is_an_object_of_its_own_and_the_exit_code_says_so(aws, run):
    aws(accounts=3, faults=["access_denied:cloudtrail"])
    code, out, _err = run("--checks", TRAIL, "--format", "json")
    gaps = [json.loads(line) for line in out.splitlines() if '"type": "gap"' in line]
    assert code == 2
    assert [(gap["kind"], gap["reason"]) for gap in gaps] == [("cloudtrail.trail", "access_denied")]
    assert gaps[0]["operation"] == "cloudtrail:DescribeTrails"


def test_the_table_ends_with_a_summary(aws, run):
    aws(accounts=3)
    code, out, _err = run("--checks", TRAIL)
    assert code == 0
    assert "1 pass, 0 fail, 0 unknown, 0 not applicable; 0 not collected." in out


def test_without_a_context_it_says_that_the_account_counts_as_production(aws, run, tmp_path):
    aws(accounts=3)
    assert "counts as production" in run("--checks", TRAIL)[2]
    context = tmp_path / "context.json"
    context.write_text('{"environment": "sandbox", "tags": {"Owner": "payments"}}')
    assert "counts as production" not in run("--checks", TRAIL, "--context", str(context))[2]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[]", "must be one JSON object"),
        ("{", "is no JSON"),
        ('{"enviroment": "x"}', "did you mean 'environment'"),
        ('{"tags": ["x"]}', "tags must be an object"),
        ('{"tags": {"a": 1}}', "the values of tags must each be a text"),
        ('{"tools": {"kind": "tracing"}}', "tools must be a list"),
        ('{"tools": ["Datadog"]}', "the values of tools must each be an object"),
        ('{"is_management": "yes"}', "is_management must be true or false"),
    ],
)
def test_a_wrong_context_says_what_is_wrong(tmp_path, content, told):
    path = tmp_path / "context.json"
    path.write_text(content)
    with pytest.raises(CommandError, match=told) as refused:
        call_command("assess", "--regions", "us-east-1", "--context", str(path))
    assert refused.value.returncode == 64


def test_a_context_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("assess", "--context", str(tmp_path / "none.json"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--regions", "us-east-1", "--checks", "no_such_check"),
        ("--regions", "us-east-1", "--rows", "X1"),
        ("--regions", "nowhere-1"),
    ],
)
def test_bad_input_ends_with_a_sentence_and_its_own_code(arguments):
    with pytest.raises(CommandError, match="there is no") as refused:
        call_command("assess", *arguments)
    assert refused.value.returncode == 64


def test_it_needs_no_database(aws):
    url = aws(accounts=3)
    environment = {
        name: value for name, value in os.environ.items() if name.startswith(("AWS_", "PATH"))
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "assess", "--regions", "us-east-1", "--checks", TRAIL],
        env=environment
        | {
            "AWS_ENDPOINT_URL": url,
            "CAIRN_ENV_FILE": "",
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "SECRET_KEY": "x",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1 pass" in done.stdout
