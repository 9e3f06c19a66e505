import pytest


@pytest.fixture
def sign_in(client, world):
    """Signs in one of EVERYBODY, and returns the client."""

    def as_person(who):
        client.force_login(world.person(who))
        return client

    return as_person
