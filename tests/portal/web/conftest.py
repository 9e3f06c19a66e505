import pytest
from cryptography.fernet import Fernet


@pytest.fixture(autouse=True)
def credential_keys(settings):
    """What people enter as a secret can be kept."""
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]


@pytest.fixture
def sign_in(client, world):
    """Signs in one of EVERYBODY, and returns the client."""

    def as_person(who):
        return world.sign_in(client, who)

    return as_person
