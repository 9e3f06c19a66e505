"""`manage.py demo --once --json` as a user runs it, over a small world."""

import json

from tests.portal.management.conftest import run_cairn


def demo(home, *arguments, **variables):
    return run_cairn(home, "demo", "--once", "--json", *arguments, **variables)


def test_a_demo_ends_with_one_json_object_and_touches_nothing_real(short_path):
    ended = demo(
        short_path,
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


def test_a_world_that_cannot_be_is_refused_with_a_reason(short_path):
    """In the words of the simulator, whose own tests read the others; the last demo stays."""
    earlier = short_path / "demo" / "cairn.sqlite3"
    earlier.parent.mkdir()
    earlier.touch()
    ended = demo(short_path, "--day=0")
    assert earlier.exists()
    assert ended.returncode == 1
    assert "day must be 1 or more" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
