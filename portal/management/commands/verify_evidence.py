from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from findings.models import Scan
from findings.services.evidence import evidence_verify


class Command(BaseCommand):
    help = """Verify that nothing of a scan's evidence was altered or lost since it was collected.

Exit code: 0 when it is whole, 1 when it is not."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("scan", metavar="SCAN", help="the uid of a scan, as in its address")

    def handle(self, **options: Any) -> None:
        scan = _scan(options["scan"])
        flaws = list(evidence_verify(scan=scan))
        for flaw in flaws:
            self.stdout.write(f"{flaw.what}: {flaw.problem}")
        if flaws:
            raise CommandError(f"The evidence of the scan has {len(flaws)} flaw(s).")
        self.stdout.write(f"The evidence of the scan is whole. Its digest is {scan.digest}.")


def _scan(uid: str) -> Scan:
    try:
        return Scan.objects.get(uid=uid)
    except (Scan.DoesNotExist, ValidationError):
        raise CommandError(
            f"There is no scan {uid!r}. Take the uid from the address of the scan's page."
        ) from None
