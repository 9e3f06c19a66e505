from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from simulator.server import serve
from simulator.world import World
from tests.flow.harness import Demo, start_demo


@pytest.fixture
def demo(
    db: None, eager_tasks: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Demo]]:
    """Starts a world and synchronizes its organization: ``demo(accounts=6, faults=[...])``."""
    with ExitStack() as stack:

        def start(*, canary: str | None = None, **parts: Any) -> Demo:
            world = World(**parts)
            url = stack.enter_context(serve(world, canary=canary))
            return start_demo(world, url, monkeypatch)

        yield start
