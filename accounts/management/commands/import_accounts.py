from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.account_files import FileRefused, parse_accounts
from accounts.models import Organization
from accounts.services.account_import import ImportReport, accounts_import
from accounts.services.organizations import organization_create


class Command(BaseCommand):
    help = (
        "Import accounts that are not read from AWS Organizations, from a CSV or YAML file with "
        "account_id, name and as wished email, ou (Workloads/Prod) and tags. All or nothing; the "
        "same file twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a file that ends in .csv, .yaml or .yml")
        parser.add_argument("--organization", metavar="NAME", help="needed if there are several")
        parser.add_argument(
            "--create", action="store_true", help="create the organization if it does not exist"
        )
        parser.add_argument("--role-name", default="CairnScanner", help="used with --create")
        parser.add_argument("--external-id", default="", help="used with --create")

    def handle(self, *args: Any, **options: Any) -> None:
        file = Path(options["file"])
        try:
            accounts = parse_accounts(file.read_bytes(), file.name)
            with transaction.atomic():
                report = accounts_import(
                    actor=None,
                    organization=_organization(options),
                    accounts=accounts,
                    now=timezone.now(),
                )
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except FileRefused as error:
            raise CommandError(f"{file}: nothing was imported.\n{error}") from error
        self.stdout.write(_sentence(report))


def _sentence(report: ImportReport) -> str:
    return (
        f"{report.accounts} accounts in the file: {report.joined} new, {report.changed} changed, "
        f"{report.unchanged} as they were."
    )


def _organization(options: dict[str, Any]) -> Organization:
    name: str | None = options["organization"]
    if name is None:
        return _only_organization()
    organization = Organization.objects.filter(name=name).first()
    if organization:
        return organization
    if not options["create"]:
        raise CommandError(f"There is no organization {name!r}. Add --create to create it.")
    return _create(name, role_name=options["role_name"], external_id=options["external_id"])


def _only_organization() -> Organization:
    organizations = list(Organization.objects.all()[:2])
    if not organizations:
        raise CommandError("There is no organization yet. Add --organization NAME --create.")
    if len(organizations) > 1:
        raise CommandError("There are several organizations. Say which: --organization NAME.")
    return organizations[0]


def _create(name: str, *, role_name: str, external_id: str) -> Organization:
    try:
        return organization_create(
            actor=None, name=name, role_name=role_name, external_id=external_id
        )
    except ValidationError as error:
        told = [f"{field}: {' '.join(said)}" for field, said in error.message_dict.items()]
        raise CommandError("The organization cannot be created.\n" + "\n".join(told)) from error
