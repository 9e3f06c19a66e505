"""Rows that the tests of a module share, and tables that one test asks as a whole."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from django.apps import apps
from django.db import transaction
from django.db.models import Model


@contextmanager
def rows_for_a_module(django_db_blocker: Any) -> Iterator[None]:
    """A transaction around the tests of a module: what is made in it is there in each, then gone.

    For fixtures that ask for ``django_db_setup``, too. What a test does is undone as ever; objects
    that it changed are not, so each test reads its own.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """What a row of a table in one test does to the database, the next one does not see."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def differing(found: Mapping[Any, Any], told: Mapping[Any, Any]) -> dict[Any, str]:
    """Where the rows of a table are not as they should be, for a test to say in full."""
    names = [name for name in {**found, **told} if found.get(name) != told.get(name)]
    return {name: f"{found.get(name)}, not {told.get(name)}" for name in names}


class KeptRows:
    """The rows that a block makes in tables that were empty, to be there again for other modules.

    They are written table by table, without what it took to make them. Keys to rows of later
    tables are no obstacle: both databases look at them when a transaction is committed.
    """

    def __init__(self) -> None:
        self._rows: list[list[Model]] = []

    def __enter__(self) -> Self:
        models = apps.get_models(include_auto_created=True)
        self._empty = [model for model in models if not model._base_manager.exists()]
        return self

    def __exit__(self, *_: object) -> None:
        made = (list(model._base_manager.all()) for model in self._empty)
        self._rows = [rows for rows in made if rows]

    def write_again(self) -> None:
        for rows in self._rows:
            type(rows[0])._base_manager.bulk_create(rows)
