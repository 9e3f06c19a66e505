"""Fixtures of the workers: scripted answers, a simulated organization, no waiting."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.server import serve
from simulator.world import World
from tests.workers.aws.scripted import ScriptedAws, serving
from tests.workers.aws.worlds import Engine, Simulated

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def shared_engine() -> Engine:
    """One for all tests: botocore takes long to read its models."""
    return Engine()


@pytest.fixture
def engine(shared_engine: Engine) -> Engine:
    shared_engine.waits.clear()
    return shared_engine


@pytest.fixture
def aws() -> Iterator[ScriptedAws]:
    with serving() as server:
        yield server


@pytest.fixture
def simulated(engine: Engine) -> Iterator[Callable[..., Simulated]]:
    """Starts a simulator: ``simulated(faults=["throttle%30"])``."""
    with ExitStack() as stack:

        def start(**parts: Any) -> Simulated:
            world = World(**({"epoch": EPOCH} | parts))
            return Simulated(world, stack.enter_context(serve(world)), engine)

        yield start
