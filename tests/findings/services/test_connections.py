import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import Connection
from findings.services.connections import board_of, connection_save
from findings.services.credentials import CredentialsError, credentials_of
from tests.factories.accounts import NOW, OrganizationFactory, person_with
from tests.factories.tickets import ConnectionFactory

pytestmark = pytest.mark.django_db
SECRET = {"token": "very-secret"}


@pytest.fixture(autouse=True)
def keys(settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    return settings


@pytest.fixture
def organization():
    return OrganizationFactory()


def save(organization, *, actor=None, credentials=None, **fields):
    given = {"name": "Jira", "kind": "jira_cloud", "base_url": "https://x.example.com/"}
    connection = Connection(organization=organization, **(given | fields))
    return connection_save(actor=actor, connection=connection, credentials=credentials, now=NOW)


def change(connection, credentials=None, **fields):
    for name, value in fields.items():
        setattr(connection, name, value)
    return connection_save(actor=None, connection=connection, credentials=credentials, now=NOW)


def test_credentials_are_encrypted_and_appear_nowhere_else(organization):
    saved = save(organization, credentials=SECRET | {"user": ""})
    stored = Connection.objects.get(pk=saved.pk)
    assert b"very-secret" not in bytes(stored.credentials)
    assert credentials_of(stored) == SECRET
    assert stored.base_url == "https://x.example.com"
    entry = AuditEntry.objects.get(action="connection.add")
    assert entry.after["credentials set"] == ["token"]
    assert "very-secret" not in str(entry.after)


def test_credentials_stay_unless_they_would_go_to_another_address(organization):
    saved = save(organization, credentials=SECRET)
    assert credentials_of(change(saved, name="New name")) == SECRET
    assert credentials_of(change(saved, base_url="https://evil.example.com")) == {}
    assert credentials_of(change(saved, credentials={"token": "2"}, base_url="https://y.org")) == {
        "token": "2"
    }


def test_every_key_decrypts_the_first_encrypts_and_rotation_makes_the_old_one_needless(
    organization, keys
):
    saved = save(organization, credentials=SECRET)
    old, new = keys.CREDENTIAL_KEYS[0], Fernet.generate_key().decode()
    keys.CREDENTIAL_KEYS = [new, old]
    assert credentials_of(saved) == SECRET
    call_command("rotate_keys")
    keys.CREDENTIAL_KEYS = [new]
    assert credentials_of(Connection.objects.get(pk=saved.pk)) == SECRET
    keys.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="a key that CREDENTIAL_KEYS does not hold"):
        call_command("rotate_keys")
    keys.CREDENTIAL_KEYS = []
    with pytest.raises(CredentialsError, match="CREDENTIAL_KEYS is not set"):
        credentials_of(saved)


def test_without_a_key_nothing_is_kept_in_clear(organization, keys):
    keys.CREDENTIAL_KEYS = []
    with pytest.raises(ValidationError, match="CREDENTIAL_KEYS is not set"):
        save(organization, credentials=SECRET)
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"base_url": ""}, "Give the address"),
        ({"base_url": "https://user:pass@x.example.com"}, "without a user"),
        ({"base_url": "https://x.example.com?token=1"}, "without a user, a query"),
        ({"base_url": "https://[x"}, "without a user|valid URL"),
        ({"base_url": "file:///etc/passwd"}, "valid URL"),
        ({"name": ""}, "cannot be blank"),
        ({"kind": "fax"}, "not a valid choice"),
    ],
)
def test_a_wrong_connection_is_told(organization, wrong, told):
    with pytest.raises(ValidationError, match=told):
        save(organization, **wrong)


@pytest.mark.parametrize(
    "address", ["https://10.0.0.7", "https://localhost:8443", "https://127.0.0.1"]
)
def test_a_private_address_is_saved_where_it_is_allowed(organization, settings, address):
    with pytest.raises(ValidationError, match="no public address"):
        save(organization, base_url=address)
    saved = save(organization, base_url=address, allows_private=True)
    with pytest.raises(ValidationError, match="no public address"):
        change(saved, allows_private=False)
    settings.OUTGOING_ALLOW = ["10.0.0.0/8", "127.0.0.0/8"]
    change(saved, allows_private=False)
    settings.OUTGOING_ALLOW = []
    assert not change(saved, is_active=False).is_active


def test_metadata_and_words_in_clear_are_never_for_a_tracker_by_itself(organization, settings):
    with pytest.raises(ValidationError, match="no public address"):
        save(organization, base_url="https://169.254.169.254", allows_private=True)
    with pytest.raises(ValidationError, match="https only"):
        save(organization, base_url="http://jira.example.com")
    settings.OUTGOING_ALLOW = ["jira.example.com"]
    assert save(organization, base_url="http://jira.example.com")


def test_a_name_is_given_once_and_a_kind_is_kept(organization):
    saved = save(organization)
    with pytest.raises(ValidationError, match="of this name already"):
        save(organization)
    with pytest.raises(ValidationError, match="keeps its organization and kind"):
        change(saved, kind="github")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
def test_only_administrators_set_connections_up(organization, role):
    with pytest.raises(Denied):
        save(organization, actor=person_with(role, organization=organization))


def test_an_organization_has_one_board(organization):
    assert board_of(organization) == board_of(organization)
    assert board_of(OrganizationFactory()) != board_of(organization)
    with pytest.raises(ValidationError, match="one built-in board"):
        save(organization, kind="builtin", name="Another", base_url="")


def test_a_person_of_the_organization_sees_it_and_nobody_else_does():
    connection = ConnectionFactory()
    viewer = person_with(Role.VIEWER, organization=connection.organization)
    stranger = person_with(Role.ADMINISTRATOR, organization=OrganizationFactory())
    assert list(Connection.objects.visible_to(viewer)) == [connection]
    assert not Connection.objects.visible_to(stranger).exists()
