import pytest

from tests.workers.ticket_sync.desk import Desk


@pytest.fixture
def desk():
    return Desk()
