"""What a backup refuses; that it can be restored is in test_up.py."""

import pytest
from django.core.management import CommandError, call_command

from portal.management.commands import backup


def test_a_backup_never_overwrites_another(tmp_path):
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_on_postgresql_it_names_the_tool_to_use(monkeypatch, tmp_path):
    monkeypatch.setattr(backup.connection, "vendor", "postgresql")
    with pytest.raises(CommandError, match="pg_dump"):
        call_command("backup", str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
