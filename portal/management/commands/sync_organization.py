from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organization
from accounts.services.organization_sync import SnapshotRefused
from portal.organizations import organization_named
from workers.access import process_hub
from workers.aws.sessions import AccessError
from workers.synchronizing import organization_synchronize


class Command(BaseCommand):
    help = """Read the accounts and OUs of an organization from AWS Organizations.

Exit code: 0 when all was read, 2 when the reading broke off."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="NAME", help="needed if there are several")

    def handle(self, **options: Any) -> None:
        organization = organization_named(options["organization"])
        if not organization.management_account_id:
            raise CommandError(
                f"{organization} has no management account: import its accounts from a file."
            )
        report = self._synchronize(organization)
        changes = ", ".join(f"{number} {kind}" for kind, number in sorted(report.changes.items()))
        self.stdout.write(f"{organization}: {report.accounts} accounts; {changes or 'no changes'}.")
        if not report.complete:
            raise CommandError(f"The reading is not complete: {report.error}", returncode=2)

    def _synchronize(self, organization: Organization) -> Any:
        try:
            return organization_synchronize(
                organization=organization, hub=process_hub(), now=timezone.now()
            )
        except (AccessError, SnapshotRefused) as error:
            raise CommandError(str(error), returncode=2) from error
