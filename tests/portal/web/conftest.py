import pytest

from tests.portal.world import World


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def sign_in(client, world):
    """Signs in one of EVERYBODY, and returns the client."""

    def as_person(who):
        client.force_login(world.person(who))
        return client

    return as_person
