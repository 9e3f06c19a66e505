"""``python -m benchmarks.export [ROWS] [FORMAT ...] [--postgres]``: what exports cost.

Fills an empty database of its own with a hundredth, a tenth and all of so many findings, and after
each step exports them once in each format. Every export runs in a process of its own, which tells
its seconds, its peak of resident memory, and how much of that it had before the first row.
The database is SQLite, or with ``--postgres`` a PostgreSQL cluster made for this run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.steps import peak, run_program, run_step

if TYPE_CHECKING:
    from findings.models import Episode, Export, Finding

MODULE = "benchmarks.export"
ACCOUNTS = 100
BATCH = 5000
FORMATS = ("csv", "jsonl", "ocsf")
HEAD = (
    f"{'database':<10} {'format':<8} {'rows':>9} {'MB':>5} {'s':>6} {'rows/s':>7} {'peak MB':>8} "
)
HEAD += f"{'at start':>8}"


def main() -> None:
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="cairn-") as directory:
        home = Path(directory)
        name, url = "SQLite", f"sqlite:///{home}/cairn.sqlite3"
        if asked.postgres:
            from tests.services.postgres import start_cluster

            name, url = "PostgreSQL", start_cluster().create("benchmark")
        print(HEAD)
        for rows in (max(asked.rows // 100, 1), max(asked.rows // 10, 1), asked.rows):
            run_step(MODULE, home, url, "fill", str(rows))
            for format in asked.formats:
                told = run_step(MODULE, home, url, "write", format)
                print(f"{name:<10} {told}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.export")
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("formats", nargs="*", metavar="format", default=FORMATS)
    parser.add_argument("--postgres", action="store_true")
    return parser.parse_args()


def fill(asked: str) -> None:
    """Findings of one organization until there are so many, each with its episode."""
    from django.core.management import call_command

    from accounts.models import Organization
    from findings.models import Episode, Finding

    rows = int(asked)
    call_command("migrate", verbosity=0)
    if not Organization.objects.exists():
        _make_organization()
    there = Finding.objects.count()
    for start in range(there, rows, BATCH):
        findings = Finding.objects.bulk_create(_findings(start, min(start + BATCH, rows)))
        Episode.objects.bulk_create(_episode(finding) for finding in findings)


def _make_organization() -> None:
    from tests.factories.accounts import (
        AccountFactory,
        GrantFactory,
        OrganizationFactory,
        OuFactory,
        UserFactory,
    )

    organization = OrganizationFactory()
    ou = OuFactory(organization=organization)
    AccountFactory.create_batch(ACCOUNTS, organization=organization, ou=ou)
    viewer = UserFactory(username="viewer")
    GrantFactory(user=viewer, organization=organization, ou=ou)


def _findings(first: int, end: int) -> Iterator[Finding]:
    from accounts.models import Account
    from findings.models import Finding

    accounts = list(Account.objects.order_by("pk"))
    at = datetime.fromisoformat("2026-03-02T09:00:00Z")
    for n in range(first, end):
        yield Finding(
            fingerprint=f"v1:{n:064x}",
            organization_id=accounts[0].organization_id,
            account=accounts[n % ACCOUNTS],
            region="eu-west-1",
            check_id="cloudtrail_multi_region_logging",
            check_version=1,
            resource=f"arn:aws:cloudtrail:eu-west-1:200000000000:trail/trail-{n}",
            row="O2",
            severity="high",
            severity_rank=1,
            evidence_status="fail",
            message="it is not as it should be, for a reason that takes a line to tell",
            opened_at=at + timedelta(seconds=n),
            changed_at=at + timedelta(seconds=n),
            facts_at=at + timedelta(seconds=n),
        )


def _episode(finding: Finding) -> Episode:
    from findings.models import Episode

    return Episode(
        finding=finding,
        number=1,
        opened_at=finding.opened_at,
        open_cause="first_collected",
        clock_starts_at=finding.opened_at,
    )


def write(format: str) -> None:
    """One export of all, asked for by somebody whose reach is narrowed to an OU."""
    from django.conf import settings

    from findings.checks.base import built_in
    from findings.services.export_writing import export_write
    from workers.collectors.base import collectors

    export, registry = _claimed(format), built_in()
    operations = {kind: found.operations for kind, found in collectors().items()}
    directory = settings.HOME / "exports"
    before, begun = peak(), time.monotonic()
    export_write(export=export, registry=registry, directory=directory, operations=operations)
    seconds = time.monotonic() - begun
    export.refresh_from_db()
    if export.state != "done":
        raise SystemExit(f"{export.state}: {export.error}")
    done = export.rows_done
    print(
        f"{format:<8} {done:>9} {export.size / 1e6:>5.0f} {seconds:>6.1f} {done / seconds:>7.0f} "
        f"{peak():>8.0f} {before:>8.0f}"
    )
    (directory / export.file).unlink()


def _claimed(format: str) -> Export:
    from django.contrib.auth.models import User
    from django.utils import timezone

    from accounts.models import Organization
    from findings.services.exports import export_claim, export_request

    export = export_request(
        actor=User.objects.get(username="viewer"),
        organization=Organization.objects.get(),
        kind="findings",
        format=format,
        filters={},
        now=timezone.now(),
    )
    claimed = export_claim(export_id=export.pk, now=timezone.now())
    if claimed is None:
        raise SystemExit("the export could not be claimed")
    return claimed


if __name__ == "__main__":
    run_program(main, fill=fill, write=write)
