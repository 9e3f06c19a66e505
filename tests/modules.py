"""Rows that the tests of a module share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def rows_for_a_module(django_db_blocker: Any) -> Iterator[None]:
    """A transaction around the tests of a module: what is made in it is there in each, then gone.

    For fixtures that ask for ``django_db_setup``, too. What a test does is undone as ever; objects
    that it changed are not, so each test reads its own.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
