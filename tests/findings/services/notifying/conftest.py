"""An organization with a person in the team that owns a shop, and a sandbox of nobody."""

import pytest

from accounts.roles import Role
from tests.factories.accounts import (
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    TeamFactory,
    person_with,
)
from tests.factories.notifications import reachable


@pytest.fixture(autouse=True)
def installation(settings):
    reachable(settings)


@pytest.fixture
def ours():
    return OrganizationFactory(name="Ours")


@pytest.fixture
def person(ours):
    return person_with(Role.CONTRIBUTOR, organization=ours)


@pytest.fixture
def team(ours, person):
    return TeamFactory(organization=ours, name="Shop", members=[person])


@pytest.fixture
def shop(ours, team):
    """An account that the person's team owns, in the OU Prod."""
    prod = OuFactory(organization=ours, name="Prod")
    return AccountFactory(organization=ours, name="shop", ou=prod, owner_team=team)


@pytest.fixture
def sandbox(ours):
    """An account of nobody's, in the OU Dev."""
    return AccountFactory(
        organization=ours, name="sandbox", ou=OuFactory(organization=ours, name="Dev")
    )
