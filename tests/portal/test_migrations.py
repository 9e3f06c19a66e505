"""That a database made by the migrations is one of the models, on PostgreSQL too."""

import json
import os
import subprocess
import sys

from django.apps import apps

COURSE = """
import json
from django.core.management import call_command
from django.db import connection
found = []
for arguments in [], ["accounts", "zero"]:  # on which all of ours stand
    call_command("migrate", *arguments, verbosity=0)
    found.append(connection.introspection.table_names())
print(json.dumps(found))
"""


def test_the_migrations_make_every_table_on_postgresql_and_unmake_ours(postgres_url, short_path):
    """In a process of its own, as the settings choose the database."""
    environment = {
        "PATH": os.environ["PATH"],
        "CAIRN_ENV_FILE": "",
        "CAIRN_HOME": str(short_path),
        "DATABASE_URL": postgres_url,
    }
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", COURSE]
    ended = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    made, left = json.loads(ended.stdout)
    assert set(made) >= {model._meta.db_table for model in apps.get_models()}
    assert not {name for name in left if name.startswith(("accounts", "findings"))}
