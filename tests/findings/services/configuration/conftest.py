import pytest

from tests.factories.accounts import OrganizationFactory
from tests.findings.services.configuration.importing import peopled


@pytest.fixture
def organization():
    return peopled(OrganizationFactory())
