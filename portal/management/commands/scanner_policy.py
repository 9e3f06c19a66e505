"""`manage.py scanner_policy`: the least-privilege IAM policy, and what is deployed of it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workers.aws.policy import VERSION, Role, hub_statements, job_policy, scanner_policy
from workers.aws.templates import documents


class Command(BaseCommand):
    help = (
        "Print the least-privilege IAM policy of the scanner's role, made from what the collectors"
        " declare. With --write, write the templates of deploy/ instead."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--role",
            type=Role,
            choices=list(Role),
            default=Role.MANAGEMENT,
            help="management (the default: all statements), member (without those that only the"
            " management account needs), hub (what Cairn's own role reads)",
        )
        parser.add_argument(
            "--with-jobs",
            action="store_true",
            help="with the statement that lets Cairn start drift detection and resource scans",
        )
        parser.add_argument("--write", type=Path, metavar="DIRECTORY")

    def handle(self, *, role: Role, with_jobs: bool, write: Path | None, **options: Any) -> None:
        if write is not None:
            self._write(write)
            return
        if role is Role.HUB and with_jobs:
            raise CommandError("the hub starts no jobs: the scanner does, in each account")
        statements = (
            hub_statements() if role is Role.HUB else list(scanner_policy(role)["Statement"])
        )
        if with_jobs:
            statements += job_policy()["Statement"]
        self.stdout.write(json.dumps({"Version": VERSION, "Statement": statements}, indent=2))

    def _write(self, directory: Path) -> None:
        if not directory.is_dir():
            raise CommandError(f"{directory} is no directory")
        for name, content in documents().items():
            (directory / name).write_text(content)
            self.stdout.write(str(directory / name))
