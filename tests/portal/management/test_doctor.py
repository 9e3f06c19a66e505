import pytest
from botocore.credentials import Credentials
from django.core.management import CommandError, call_command

from accounts.states import AccountState
from portal.management.commands import doctor
from simulator.organization import Condition
from simulator.server import serve
from simulator.world import World
from tests.factories.accounts import AccountFactory, OrganizationFactory
from workers.aws.sessions import Hub

pytestmark = pytest.mark.django_db

MEMBER = "100000000003"


@pytest.fixture
def world(settings, monkeypatch):
    """A simulated organization, and the hub in its management account."""
    made = World()
    keys = made.credentials
    hub = Hub(credentials=Credentials(keys.access_key_id, keys.secret_access_key))
    monkeypatch.setattr(doctor, "process_hub", lambda: hub)
    with serve(made) as url:
        settings.AWS_ENDPOINT_URL = url
        yield made


@pytest.fixture
def organization(world):
    return OrganizationFactory(
        name="Example", management_account_id="100000000001", external_id=world.external_id
    )


def examined(capsys, *arguments):
    code = 0
    try:
        call_command("doctor", *arguments)
    except SystemExit as ended:
        code = ended.code
    return code, capsys.readouterr().out


def test_what_is_missing_is_named_with_what_to_do(world, organization, capsys):
    missing = next(a.id for a in world.accounts if a.condition is Condition.ROLE_MISSING)
    AccountFactory(organization=organization, account_id=missing)
    code, out = examined(capsys)
    assert code == 1
    assert missing in out
    assert "role missing" in out
    assert "deploy the member role" in out
    assert "0 of 1 accounts can be read completely" in out


def test_what_is_well_is_shown_when_asked_for(organization, capsys):
    AccountFactory(organization=organization, account_id=MEMBER)
    assert "CairnScanner" not in examined(capsys)[1]
    assert "CairnScanner" in examined(capsys, "--all")[1]


def test_accounts_that_are_not_active_are_not_tried(organization, capsys):
    AccountFactory(organization=organization, state=AccountState.SUSPENDED)
    code, out = examined(capsys)
    assert code == 0
    assert "1 not tried, because they are not active" in out


def test_without_credentials_the_accounts_are_not_tried(organization, capsys, monkeypatch):
    hub = Hub(credentials=Credentials("AKIDOFNOBODY", "secret"))
    monkeypatch.setattr(doctor, "process_hub", lambda: hub)
    AccountFactory(organization=organization, account_id=MEMBER)
    code, out = examined(capsys)
    assert code == 1
    assert "no credentials" in out
    assert MEMBER not in out


def test_an_account_that_is_not_there_is_told(organization, capsys):
    AccountFactory(organization=organization, account_id=MEMBER)
    with pytest.raises(CommandError, match=f"did you mean '{MEMBER}'") as refused:
        call_command("doctor", "--accounts", "100000000030")
    assert refused.value.returncode == 64


def test_an_organization_that_is_not_there_is_told(organization):
    with pytest.raises(CommandError, match="Example"):
        call_command("doctor", "--organization", "Exmaple")


def test_without_any_organization_it_says_what_to_do():
    with pytest.raises(CommandError, match="no organization yet"):
        call_command("doctor")
