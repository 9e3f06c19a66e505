"""Where a demo lives: a home and an environment in which nothing of a real Cairn is reached."""

import os
import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from portal.home import is_free

KEPT = {"lock", "secret_key"}


def free_home(homes: Path) -> Path:
    """`demo` in this directory, or `demo-2` and so on while another demo runs there."""
    for number in count(1):
        home = homes / ("demo" if number == 1 else f"demo-{number}")
        if is_free(home):
            return home
    raise AssertionError("count never ends")


def forget(home: Path) -> None:
    """Removes what an earlier demo left in its home."""
    for path in home.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in KEPT:
            path.unlink()


def remember(home: Path, name: str, value: str) -> None:
    """For a later demo that keeps what this one leaves."""
    (home / name).write_text(value, encoding="utf-8")


def remembered(home: Path, name: str) -> str:
    """What an earlier demo remembered, "" if there is nothing."""
    path = home / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def environment(
    around: Mapping[str, str], *, settings: frozenset[str], home: Path, simulator: int
) -> dict[str, str]:
    """The environment of a demo: without the settings of a real Cairn and without AWS's own.

    `settings` are the names that Cairn reads, `simulator` is the port of the simulated AWS.
    """
    foreign = {name for name in around if name in settings or name.startswith(("AWS_", "CAIRN_"))}
    return {name: value for name, value in around.items() if name not in foreign} | {
        "CAIRN_ENV_FILE": "",
        "CAIRN_HOME": str(home),
        "CAIRN_AWS_ENDPOINT_URL": f"http://127.0.0.1:{simulator}",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
