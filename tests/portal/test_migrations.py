"""That a database made by the migrations is one of the models, on PostgreSQL too."""

import os
import subprocess
import sys

import psycopg
from django.apps import apps


def test_the_migrations_make_every_table_on_postgresql_and_unmake_ours(postgres_url, short_path):
    environment = {
        "PATH": os.environ["PATH"],
        "CAIRN_ENV_FILE": "",
        "CAIRN_HOME": str(short_path),
        "DATABASE_URL": postgres_url,
    }

    def migrate(*arguments):
        command = [sys.executable, "manage.py", "migrate", "-v0", *arguments]
        subprocess.run(command, env=environment, check=True)

    migrate()
    assert tables(postgres_url) >= {model._meta.db_table for model in apps.get_models()}
    migrate("findings", "zero")
    migrate("accounts", "zero")
    assert not {name for name in tables(postgres_url) if name.startswith(("accounts", "findings"))}


def tables(url):
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        return {name for (name,) in found}
