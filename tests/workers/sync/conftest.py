import pytest

from tests.trackers.conftest import app_key, fake_of, lab
from tests.trackers.fakes.server import serving
from tests.workers.sync.site import Site

__all__ = ["app_key", "lab", "served", "site"]


@pytest.fixture(
    scope="module", params=["jira_cloud", "jira_data_center", "github_token", "github_app"]
)
def served(request, app_key):
    """Service accounts differ from other accounts of Jira in an address only."""
    with serving(fake_of(request.param, app_key)) as fake:
        yield request.param, fake


@pytest.fixture
def site(db, lab):
    return Site(lab)
