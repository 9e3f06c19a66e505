"""The world that most tests of pages and endpoints stand in, made once for each module."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.portal.world import World


@pytest.fixture(scope="module")
def world_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Inside a transaction that is rolled back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World().sign_everybody_in()
        transaction.set_rollback(True)


@pytest.fixture
def world(world_of_module: World, db: None) -> World:
    """What a test does to it is undone."""
    return world_of_module.again()
