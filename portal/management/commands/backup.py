"""``manage.py backup DIRECTORY``: a copy of an embedded Cairn, taken while it runs."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

DATABASE = "cairn.sqlite3"


class Command(BaseCommand):
    help = "Copy the SQLite database and the secret key to a new directory, while Cairn runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)

    def handle(self, *_: Any, directory: Path, **__: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(
                "The database is PostgreSQL; take its backup with: "
                'pg_dump --format=custom --file=cairn.dump "$DATABASE_URL"'
            )
        try:
            directory.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            raise CommandError(f"{directory} exists already; name a new directory.") from None
        except OSError as error:
            raise CommandError(f"{directory} cannot be made: {error.strerror}.") from error
        copy_database(Path(connection.settings_dict["NAME"]), directory / DATABASE)
        for key in (settings.HOME / "secret_key", settings.HOME / "credential_key"):
            if key.is_file():
                shutil.copy2(key, directory / key.name)
        self.stdout.write(f"Backed up to {directory}. Restore: stop Cairn, copy its files to "
                          "CAIRN_HOME, start Cairn.")  # fmt: skip


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy, whatever is written meanwhile.

    Source: https://www.sqlite.org/backup.html
    """
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    target.chmod(0o600)
