"""`manage.py up` as a user runs it: every process, a real port, and nothing left at the end."""

import os
import re
import signal
import urllib.request

import psutil

from tests.services.waiting import wait_until


def test_up_serves_with_every_process_keeps_its_port_and_leaves_nothing_behind(
    start_up, await_address, home
):
    """In one course, as each start costs what a dozen processes cost."""
    process, output = start_up()
    url = await_address(output)
    assert status_of(f"{url}readyz") == 200
    names = re.findall(r"^  (\S+) +running", output.read_text(), re.MULTILINE)
    assert sorted(names) == ["beat", "broker", "scan-worker", "web", "worker"]

    second, said = start_up()
    assert second.wait(60) == 1
    assert f"Cairn already runs in {home} (process {process.pid})" in said.read_text()

    os.kill(int(re.search(r"web +running \(process (\d+)\)", output.read_text())[1]), 9)
    wait_until(lambda: output.read_text().count("web  ") == 3, f"web again in {output}", 60)
    assert status_of(f"{url}healthz") == 200

    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 0
    assert output.read_text().endswith("Cairn has stopped.\n")
    assert not [child for child in children if alive(child)]


def status_of(url):
    with urllib.request.urlopen(url) as response:
        return response.status


def alive(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
