import os
import shutil
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from portal.management.commands import backup

MAKE = """
from accounts.models import Organization
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0)
Organization.objects.create(name="Acme", management_account_id="111111111111")
User.objects.create(username="ada")
"""
REPORT = """
from accounts.models import Organization
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", check_unapplied=True, verbosity=0)
print(list(Organization.objects.values_list("name", flat=True)), User.objects.get().username)
"""


@pytest.fixture
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


def test_what_is_backed_up_can_be_restored_into_a_new_home(run, tmp_path):
    home, backup, restored = (tmp_path / name for name in ("home", "backup", "restored"))
    assert run("shell", "-v0", "-c", MAKE, home=home).returncode == 0
    assert run("backup", str(backup), home=home).returncode == 0
    shutil.rmtree(home)
    shutil.copytree(backup, restored)
    report = run("shell", "-v0", "-c", REPORT, home=restored)
    assert (report.stdout, report.returncode) == ("['Acme'] ada\n", 0), report.stderr


def test_a_backup_never_overwrites_another(run, tmp_path):
    again = run("backup", str(tmp_path), home=tmp_path / "home")
    assert again.returncode == 1
    assert "exists already" in again.stderr
    assert "Traceback" not in again.stderr


def test_on_postgresql_it_names_the_tool_to_use(monkeypatch, tmp_path):
    monkeypatch.setattr(backup.connection, "vendor", "postgresql")
    with pytest.raises(CommandError, match="pg_dump"):
        call_command("backup", str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
