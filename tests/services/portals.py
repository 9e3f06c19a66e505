"""The portal behind a real web server."""

import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from subprocess import Popen

from portal.children import start_child
from portal.ports import listen
from tests.services.waiting import wait_until


def start_portal(environment: Mapping[str, str], log: Path) -> tuple[Popen[bytes], str]:
    """The web server's process and its address."""
    with listen("127.0.0.1", 0) as listener:
        command = [sys.executable, "-m", "gunicorn", "portal.wsgi:application"]
        command += [f"--bind=fd://{listener.fileno()}", "--worker-class=gthread", "--threads=4"]
        process = start_child(command, log, environment=environment, inherited=(listener.fileno(),))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    wait_until(lambda: _is_up(process, url, log), f"the portal, see {log}")
    return process, url


def _is_up(process: Popen[bytes], url: str, log: Path) -> bool:
    assert process.poll() is None, f"The web server ended:\n{log.read_text(errors='replace')}"
    return answers(f"{url}/healthz")


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
