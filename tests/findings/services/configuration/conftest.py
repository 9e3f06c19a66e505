import pytest

from tests.factories.accounts import OrganizationFactory, UserFactory
from tests.findings.services.configuration.importing import place


@pytest.fixture
def organization():
    for name in ("ada", "bob"):
        user = UserFactory(username=name)
        user.is_superuser = True
        user.save()
    return place(OrganizationFactory())
