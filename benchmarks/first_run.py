"""``python -m benchmarks.first_run``: seconds from `make demo` to a served page and a summary.

Measured in a fresh clone of this checkout, first from nothing (with pip's cache as it is), then
once more when everything is installed.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

SUMMARY = re.compile(r"critical findings?\.")
LIMIT_SECONDS = 600


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="cairn-") as directory:
        clone = Path(directory) / "cairn"
        subprocess.run(["git", "clone", "--quiet", ".", str(clone)], check=True)  # noqa: S603, S607
        for name in ("first run", "later run"):
            served, told = measure(clone)
            print(f"{name}: page served after {served:.1f} s, scan summarized after {told:.1f} s")


def measure(clone: Path) -> tuple[float, float]:
    """Seconds until the address that the demo prints answers, and until it tells what it found."""
    started = time.monotonic()
    log = clone.parent / "log"
    with log.open("w") as output:
        demo = subprocess.Popen(
            ["make", "demo"],  # noqa: S607
            cwd=clone,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={k: v for k, v in os.environ.items() if not k.startswith("CAIRN_")},
        )
    try:
        served = _until(lambda: _answers(log.read_text()), demo, log) - started
        told = _until(lambda: bool(SUMMARY.search(log.read_text())), demo, log) - started
    finally:
        os.killpg(demo.pid, signal.SIGTERM)
        demo.wait()
    return served, told


def _answers(printed: str) -> bool:
    address = re.search(r"http://127\.0\.0\.1:\d+/", printed)
    if address is None:
        return False
    try:
        with urllib.request.urlopen(f"{address[0]}healthz", timeout=1) as response:  # noqa: S310
            return bool(response.status == 200)
    except OSError:
        return False


def _until(condition: Callable[[], bool], demo: subprocess.Popen[bytes], log: Path) -> float:
    end = time.monotonic() + LIMIT_SECONDS
    while not condition():
        if demo.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"the demo did not get there:\n{log.read_text()}")
        time.sleep(0.1)
    return time.monotonic()


if __name__ == "__main__":
    main()
