"""The world that most tests of pages and endpoints stand in, made once for each module."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.modules import rows_for_a_module
from tests.portal.world import World


@pytest.fixture(scope="module")
def world_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with rows_for_a_module(django_db_blocker):
        yield World.of_all_modules()


@pytest.fixture
def world(world_of_module: World, db: None) -> World:
    """What a test does to it is undone."""
    return world_of_module.again()
