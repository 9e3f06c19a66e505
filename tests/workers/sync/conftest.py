import pytest

from tests.trackers.conftest import app_key, fake_of, lab
from tests.trackers.fakes.server import serving
from tests.workers.sync.site import Site

__all__ = ["app_key", "lab", "served", "site"]


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
def site(db, lab):
    return Site(lab)
