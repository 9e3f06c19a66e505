from collections.abc import Iterator
from typing import Any

import pytest

from tests.findings.services.suppressing import Suppressing
from tests.modules import rows_for_a_module


@pytest.fixture(scope="module")
def suppressing_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Suppressing]:
    with rows_for_a_module(django_db_blocker):
        yield Suppressing().scan()


@pytest.fixture
def there(suppressing_of_module: Suppressing, db: None) -> Suppressing:
    """A scanned laboratory in which suppressions are asked for; what a test does is undone."""
    return suppressing_of_module.again()
