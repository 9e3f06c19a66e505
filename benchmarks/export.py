"""``python -m benchmarks.export [ROWS] [FORMAT]``: rows per second and memory of one export.

Writes so many findings into an empty SQLite database of its own and exports them in another
process, whose peak of resident memory is told beside that of an export of a hundredth of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACCOUNTS = 100
BATCH = 5000
MEGABYTE = 1024


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    format = sys.argv[2] if len(sys.argv) > 2 else "csv"
    with tempfile.TemporaryDirectory(prefix="cairn-") as directory:
        for number in (max(rows // 100, 1), rows):
            home = Path(directory) / str(number)
            for step in ("fill", "write"):
                _run(step, number, format, home)


def _run(step: str, rows: int, format: str, home: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CAIRN_", "AWS_"))}
    kept |= {
        "CAIRN_ENV_FILE": "",
        "CAIRN_HOME": str(home),
        "DATABASE_URL": f"sqlite:///{home}.sqlite3",
        "BROKER_URL": "",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "BENCHMARK": step,
    }
    command = [sys.executable, "-m", "benchmarks.export", str(rows), format]
    subprocess.run(command, check=True, env=kept)  # noqa: S603


def fill(rows: int) -> None:
    from django.core.management import call_command

    from accounts.models import Account
    from findings.models import Finding
    from tests.factories.accounts import NOW, AccountFactory, OrganizationFactory

    call_command("migrate", verbosity=0)
    organization = OrganizationFactory()
    AccountFactory.create_batch(ACCOUNTS, organization=organization)
    ids = list(Account.objects.values_list("pk", flat=True))
    for start in range(0, rows, BATCH):
        Finding.objects.bulk_create(
            Finding(
                fingerprint=f"v1:{n:064x}",
                organization=organization,
                account_id=ids[n % ACCOUNTS],
                region="eu-west-1",
                check_id="cloudtrail_multi_region_logging",
                check_version=1,
                resource=f"arn:aws:cloudtrail:eu-west-1:200000000000:trail/trail-{n}",
                row="O2",
                severity="high",
                severity_rank=1,
                evidence_status="fail",
                message="it is not as it should be, for a reason that takes a line to tell",
                opened_at=NOW,
                changed_at=NOW,
                facts_at=NOW,
            )
            for n in range(start, min(start + BATCH, rows))
        )


def write(rows: int, format: str) -> None:
    import resource

    from django.conf import settings
    from django.contrib.auth.models import User
    from django.utils import timezone

    from accounts.models import Organization
    from findings.checks.base import built_in
    from findings.models import Export
    from findings.services.export_writing import export_write
    from findings.services.exports import export_claim

    user = User.objects.create_superuser("benchmark")
    export = Export.objects.create(
        organization=Organization.objects.get(),
        asked_by=user,
        asked_at=timezone.now(),
        kind="findings",
        format=format,
    )
    claimed = export_claim(export_id=export.pk, now=timezone.now())
    if claimed is None:
        raise SystemExit("the export could not be claimed")
    begun = time.monotonic()
    directory = settings.HOME / "exports"
    export_write(export=claimed, registry=built_in(), directory=directory, operations={})
    seconds = time.monotonic() - begun
    export.refresh_from_db()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    print(
        f"{export.state}: {export.rows_done} of {rows} rows as {format}, "
        f"{export.size / 1e6:.0f} MB in {seconds:.1f} s, {rows / seconds:,.0f} rows/s, "
        f"peak of memory {peak:.0f} MB {export.error}".rstrip()
    )


if __name__ == "__main__":
    if "BENCHMARK" not in os.environ:
        main()
    else:
        import django

        django.setup()
        if os.environ["BENCHMARK"] == "fill":
            fill(int(sys.argv[1]))
        else:
            write(int(sys.argv[1]), sys.argv[2])
