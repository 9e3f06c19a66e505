"""`manage.py catalogue`: the catalogue of checks as Markdown."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.catalogue_docs import documents


class Command(BaseCommand):
    help = "Print the index of the catalogue; with --write, write its pages into a directory."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", type=Path, metavar="DIRECTORY")

    def handle(self, *, write: Path | None, **options: Any) -> None:
        found = documents()
        if write is None:
            self.stdout.write(found["README.md"])
            return
        if not write.is_dir():
            raise CommandError(f"{write} is no directory")
        for name, content in found.items():
            (write / name).write_text(content, encoding="utf-8")
            self.stdout.write(str(write / name))
