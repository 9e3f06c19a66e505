import datetime as dt
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import ConnectionKind, Route, Schedule
from findings.services.configuration import transfer
from tests.factories.accounts import (
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    UserFactory,
    person_with,
)
from tests.factories.tickets import ConnectionFactory

pytestmark = pytest.mark.django_db

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "configuration.md"
TEAMS = "version: 1\nteams:\n- name: Web\n"


@pytest.fixture
def organization():
    return OrganizationFactory(name="Shop")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cairn.yaml"
    path.write_text(TEAMS)
    return path


def load(file, *options):
    call_command("import_config", str(file), *options)


def refusal(*arguments):
    with pytest.raises(CommandError) as caught:
        load(*arguments)
    assert caught.value.returncode == 2
    return str(caught.value)


def test_a_file_is_imported_and_exported(organization, file, capsys):
    load(file, "--dry-run")
    assert not organization.teams.exists()
    told = "teams:\n  + Web\n1 created, 0 changed, 0 removed."
    assert capsys.readouterr().out == f"{told} Nothing was written.\n"
    load(file)
    assert capsys.readouterr().out == f"{told}\n"
    load(file)
    assert capsys.readouterr().out == "All of it is so already.\n"
    call_command("export_config", "--organization", "Shop")
    exported = capsys.readouterr().out
    assert "\nteams:\n- name: Web\n" in exported
    file.write_text(exported)
    load(file, "--dry-run")
    assert capsys.readouterr().out == "All of it is so already. Nothing was written.\n"


def test_it_acts_for_a_person_and_otherwise_as_the_system(organization, file):
    administrator = person_with(Role.ADMINISTRATOR, organization=organization)
    load(file, "--as", administrator.email.upper())
    file.write_text(TEAMS.replace("Web", "Shop"))
    load(file)
    actors = AuditEntry.objects.order_by("id").values_list("actor__username", flat=True)
    assert list(actors) == [administrator.username, None, None]


def test_whom_it_cannot_act_for(organization, file):
    viewer = person_with(Role.VIEWER, organization=organization)
    assert "You may not administer on Shop" in refusal(file, "--as", viewer.username)
    assert (
        refusal(file, "--as", "eve@example.com") == "There is no active person 'eve@example.com'."
    )
    gone = UserFactory(is_active=False)
    assert "no active person" in refusal(file, "--as", gone.email)
    UserFactory(email=viewer.email)
    assert "several people" in refusal(file, "--as", viewer.email)
    assert not organization.teams.exists()


def test_which_organization_has_to_be_clear(organization, file):
    other = OrganizationFactory(name="Lab")
    assert refusal(file) == "Say which with --organization: Lab, Shop."
    assert "There is no organization 'X'" in refusal(file, "--organization", "X")
    load(file, "--organization", "Lab")
    assert (other.teams.count(), organization.teams.count()) == (1, 0)


def test_a_file_that_is_refused_is_told_with_its_lines(organization, file, tmp_path):
    file.write_text("version: 1\nteams:\n- nam: Web\n")
    assert refusal(file) == (
        f"{file}: nothing was changed.\n"
        "line 3: teams[0].nam: there is no such key here; known are name, members.\n"
        "line 3: teams[0]: give name."
    )
    file.write_bytes(b"\0" * 10_000_000)
    assert "The file is larger than" in refusal(file)
    assert refusal(tmp_path) == f"{tmp_path} cannot be read: Is a directory."
    assert "cannot be read: No such file" in refusal(tmp_path / "none")
    assert "cannot be read: " in refusal("a\0b")


def test_the_example_of_the_documentation_is_imported():
    organization = OrganizationFactory()
    UserFactory(username="ada")
    ou = OuFactory(organization=organization, name="Workloads")
    OuFactory(organization=organization, name="Prod", parent=ou)
    AccountFactory(organization=organization, account_id="111122223333", ou=ou)
    ConnectionFactory(organization=organization, name="Jira", kind=ConnectionKind.JIRA_CLOUD)
    [example] = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    wanted = transfer.parse_document(example.encode(), transfer.SHAPES)
    transfer.configuration_import(
        actor=None, organization=organization, content=example.encode(), now=at
    )
    exported = transfer.configuration_export(organization=organization, now=at)
    held = transfer.parse_document(exported.encode(), transfer.SHAPES)
    for shape in transfer.SHAPES:
        told = [entry.values for entry in held[shape.name]]
        if shape.name in wanted:
            assert told == [e.values for e in shape.ordered(wanted[shape.name])]
    assert Schedule.objects.count() == Route.objects.count() == 2


def test_every_section_is_documented():
    text = DOCUMENT.read_text()
    assert [s.name for s in transfer.SHAPES] == re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
