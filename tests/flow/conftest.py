from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.flow.harness import Demo, running_demo


@pytest.fixture
def demo(db: None, eager_tasks: None) -> Iterator[Callable[..., Demo]]:
    """Starts a world and synchronizes its organization: ``demo(accounts=6, faults=[...])``."""
    with ExitStack() as stack:

        def start(**parts: Any) -> Demo:
            return stack.enter_context(running_demo(**parts))

        yield start
