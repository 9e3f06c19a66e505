"""How a process of Cairn ends."""

import subprocess
import sys

import pytest

PROGRAM = """
import {module}

class Held:
    def __del__(self):
        print("looked at")

held = Held()
held.itself = held
"""


@pytest.mark.parametrize(("module", "said"), [("portal", ""), ("gc", "looked at\n")])
def test_a_process_ends_without_a_look_at_all_it_made(module, said):
    program = PROGRAM.format(module=module)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout == said
