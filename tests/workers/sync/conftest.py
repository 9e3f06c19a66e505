import pytest

from tests.trackers.conftest import app_key, fake_of, open_lab
from tests.trackers.fakes.server import serving
from tests.workers.sync.site import Site
from workers.trackers.transport import Limits

__all__ = ["app_key"]


SQLITE_ALONE = pytest.mark.one_database
"""What the engine does to rows is the same with each tracker."""


@pytest.fixture(
    scope="module",
    params=[
        "jira_cloud",
        pytest.param("jira_data_center", marks=SQLITE_ALONE),
        pytest.param("github_app", marks=SQLITE_ALONE),
    ],
)
def served(request, app_key):
    """The other kinds differ from these in how they sign in: see tests/trackers."""
    with serving(fake_of(request.param, app_key)) as fake:
        yield request.param, fake


@pytest.fixture
def lab(served, app_key):
    """Where no answer comes the fake ends the connection, so a busy machine may take its time."""
    kind, fake = served
    fake.reset()
    return open_lab(kind, fake, app_key, limits=Limits(connect=5, read=10, total=30))


@pytest.fixture
def site(db, lab):
    return Site(lab)
