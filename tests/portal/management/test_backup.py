import os
import shutil
import subprocess
import sys

import pytest

REPORT = """
from accounts.models import Organization
from django.contrib.auth.models import User
print(sorted(Organization.objects.values_list("name", flat=True)), User.objects.get().username)
"""


@pytest.fixture(scope="module")
def run():
    """Runs manage.py in a home of this test."""

    def run(*arguments, home, **environment):
        settings = {"CAIRN_HOME": str(home), "CAIRN_ENV_FILE": "", "PATH": os.environ["PATH"]}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=settings | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def migrated(run, tmp_path_factory):
    home = tmp_path_factory.mktemp("migrated") / "home"
    assert run("migrate", "-v0", home=home).returncode == 0
    return home


@pytest.fixture
def home(migrated, tmp_path):
    return shutil.copytree(migrated, tmp_path / "home")


def test_what_is_backed_up_can_be_restored_into_a_new_home(run, home, tmp_path):
    backup, restored = tmp_path / "backup", tmp_path / "restored"
    make = (
        "from accounts.models import Organization; from django.contrib.auth.models import User;"
        "Organization.objects.create(name='Acme', management_account_id='111111111111');"
        "User.objects.create(username='ada')"
    )
    assert run("shell", "-v0", "-c", make, home=home).returncode == 0
    before = run("shell", "-v0", "-c", REPORT, home=home).stdout

    assert run("backup", str(backup), home=home).returncode == 0
    shutil.rmtree(home)
    shutil.copytree(backup, restored)

    assert "['Acme'] ada" in before
    assert run("shell", "-v0", "-c", REPORT, home=restored).stdout == before
    assert run("migrate", "--check", home=restored).returncode == 0


def test_a_backup_never_overwrites_another(run, home, tmp_path):
    again = run("backup", str(tmp_path), home=home)
    assert again.returncode == 1
    assert "exists already" in again.stderr
    assert "Traceback" not in again.stderr


def test_on_postgresql_it_names_the_tool_to_use(run, tmp_path):
    refused = run(
        "backup",
        str(tmp_path / "new"),
        home=tmp_path / "home",
        DATABASE_URL="postgresql://cairn@127.0.0.1:1/cairn",
    )
    assert refused.returncode == 1
    assert "pg_dump" in refused.stderr
