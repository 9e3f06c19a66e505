import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, Organization
from tests.factories.accounts import AccountFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_text("account_id,name\n111111111111,web\n222222222222,shop\n")
    return path


def refusal(*arguments):
    with pytest.raises(CommandError) as caught:
        call_command("import_accounts", *map(str, arguments))
    return str(caught.value)


def test_accounts_are_imported_into_the_only_organization(file, capsys):
    organization = OrganizationFactory()
    call_command("import_accounts", str(file))
    assert organization.accounts.count() == 2
    told = "2 accounts in the file: 2 new, 0 changed, 0 as they were.\n"
    assert capsys.readouterr().out == told


def test_an_organization_is_created_when_asked_for(file):
    call_command(
        "import_accounts", str(file), "--organization", "Lab", "--create", "--external-id", "x-1"
    )
    organization = Organization.objects.get(name="Lab")
    assert (organization.external_id, organization.accounts.count()) == ("x-1", 2)
    call_command("import_accounts", str(file), "--organization", "Lab", "--create")
    assert Account.objects.count() == 2


def test_a_missing_organization_is_told_with_what_to_do(file):
    assert refusal(file) == "There is no organization yet. Add --organization NAME --create."
    assert "Add --create" in refusal(file, "--organization", "Lab")
    OrganizationFactory()
    OrganizationFactory()
    assert "Say which" in refusal(file)


def test_a_wrong_file_imports_nothing_and_creates_nothing(file):
    file.write_text("account_id,name\n111111111111,web\n22222,shop\n")
    told = refusal(file, "--organization", "Lab", "--create")
    assert told.startswith(f"{file}: nothing was imported.\nline 3: account_id '22222'")
    assert not Organization.objects.exists()


def test_an_account_that_aws_tells_about_imports_nothing(file):
    account = AccountFactory(account_id="222222222222")
    assert "line 3: 222222222222 is read from AWS" in refusal(file)
    assert account.organization.accounts.count() == 1


def test_a_wrong_setting_of_a_new_organization_is_told_by_name(file):
    told = refusal(file, "--organization", "Lab", "--create", "--role-name", "a b")
    assert "role_name: Give the name of the role" in told


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    OrganizationFactory()
    assert "nowhere.csv cannot be read: No such file" in refusal(tmp_path / "nowhere.csv")
    assert "cannot be read: Is a directory" in refusal(tmp_path)
