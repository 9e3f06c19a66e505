"""`manage.py import_config`: let a file be the configuration of an organization."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from accounts.access import Denied
from findings.configuration.mistakes import ConfigurationRefused
from findings.configuration.telling import difference_lines, summary
from findings.configuration.yaml_nodes import MOST_BYTES
from findings.services.configuration import configuration_import
from portal.organizations import organization_named

REFUSED = 2


class Command(BaseCommand):
    help = """Let a file, as docs/configuration.md describes it, be an organization's configuration.

All or nothing; the same file twice changes nothing. A section that the file does not have is left
alone; of one that it has, what the file does not name is removed.

Exit code: 0 when it is so now (or would be), 2 when the file is refused."""

    def create_parser(self, *arguments: Any, **options: Any) -> Any:
        options.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(*arguments, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="as export_config prints it")
        parser.add_argument("--organization", metavar="NAME", help="needed if there are several")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would change, and write nothing"
        )
        parser.add_argument(
            "--as",
            dest="person",
            metavar="EMAIL",
            help="act as this person of the portal, with their rights; otherwise as the system",
        )

    def handle(self, *, file: Path, person: str | None, dry_run: bool, **options: Any) -> None:
        with _refused(file):
            differences = configuration_import(
                actor=_person(person) if person else None,
                organization=organization_named(options["organization"]),
                content=_content(file),
                is_dry_run=dry_run,
                now=timezone.now(),
            )
        for line in difference_lines(differences):
            self.stdout.write(line)
        wrote_nothing = " Nothing was written." if dry_run else ""
        self.stdout.write(f"{summary(differences)}{wrote_nothing}")


def _person(name: str) -> User:
    """By mail address or user name."""
    active = User.objects.filter(is_active=True)
    found = list(active.filter(Q(email__iexact=name) | Q(username=name)).order_by("pk")[:2])
    if not found:
        raise CommandError(f"There is no active person {name!r}.")
    if len(found) > 1:
        raise CommandError(f"{name!r} is the address of several people; give a user name.")
    return found[0]


def _content(file: Path) -> bytes:
    """What a file holds, as far as it is needed to see that it is too large."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise CommandError(f"{file} cannot be read: {why}.") from None


@contextmanager
def _refused(file: Path) -> Iterator[None]:
    """Whatever is wrong, it is said without a traceback and with one exit code."""
    try:
        yield
    except ConfigurationRefused as error:
        told = f"{file}: nothing was changed.\n{error}"
        raise CommandError(told, returncode=REFUSED) from error
    except (CommandError, Denied) as error:
        raise CommandError(str(error), returncode=REFUSED) from error
