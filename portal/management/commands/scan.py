"""`manage.py scan`: queue a scan, and with --wait follow it to its end."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Q
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from findings.catalogue.pillar import Row
from findings.models import Scan, Shard
from findings.planning import Selection, SelectionError
from findings.services.scans import ScanRefused, scan_request
from portal.organizations import organization_named
from portal.scan_summary import scan_summary

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 20
USAGE_ERROR = 64
NO_WORKER = (
    "No worker has taken the scan yet. It stays queued: start workers with `make run`, or see"
    " whether those that run reach the same broker and database."
)


class Command(BaseCommand):
    help = """Scan an organization, or chosen OUs, accounts, regions and rows of it.

With --wait, the exit code is 2 when not everything could be collected, whatever else was found;
otherwise 1 when something failed and 0 when nothing did. 64 when the command line is wrong."""

    def create_parser(self, *arguments: Any, **options: Any) -> Any:
        options.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(*arguments, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="NAME", help="needed if there are several")
        parser.add_argument("--accounts", nargs="+", metavar="ID", default=[])
        parser.add_argument("--ous", nargs="+", metavar="OU", default=[], help="paths or AWS ids")
        parser.add_argument("--regions", nargs="+", metavar="REGION", default=[])
        parser.add_argument("--rows", nargs="+", metavar="ROW", default=[], help="P1 ... E3")
        parser.add_argument("--wait", action="store_true", help="until the scan has ended")

    def handle(self, **options: Any) -> None:
        scan = _requested(options)
        self.stderr.write(f"The scan {scan.uid} is queued.")
        if not options["wait"]:
            return
        console = Console(stderr=True)
        for is_late in _follow(scan, console):
            if is_late:
                self.stderr.write(NO_WORKER)
        _print_summary(Console(file=sys.stdout, highlight=False), scan)
        if code := exit_code(scan):
            sys.exit(code)


def _requested(options: dict[str, Any]) -> Scan:
    chosen = {name: options[name] for name in ("accounts", "ous", "regions", "rows")}
    try:
        return scan_request(
            actor=None,
            organization=organization_named(options["organization"]),
            selection=Selection.parse(chosen),
            trigger=Scan.Trigger.COMMAND,
            now=timezone.now(),
        )
    except (ScanRefused, SelectionError) as error:
        raise CommandError(str(error), returncode=USAGE_ERROR) from error


def _follow(scan: Scan, console: Console) -> Iterator[bool]:
    """Show the progress until the scan has ended; True once when nothing seems to take it up."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    began, is_told = time.monotonic(), False
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        bar = progress.add_task("shards", total=None)
        while scan.is_live:
            time.sleep(POLL_SECONDS)
            scan.refresh_from_db()
            progress.update(bar, **_progress(scan))
            is_late = time.monotonic() - began > PATIENCE_SECONDS
            if is_late and not is_told and scan.state == Scan.State.QUEUED:
                is_told = True
                yield True
    yield False


def _progress(scan: Scan) -> dict[str, Any]:
    counts = scan.shards.aggregate(
        total=Count("id"), ended=Count("id", filter=~Q(state__in=Shard.OPEN))
    )
    description = "assessing" if scan.state == Scan.State.ASSESSING else "shards"
    total = counts["total"] or None
    return {"total": total, "completed": counts["ended"], "description": description}


def _print_summary(console: Console, scan: Scan) -> None:
    found = scan_summary(scan)
    table = Table("Row", "Checks", "Pass", "Fail", "Unknown", "Not applicable")
    for row in Row:
        counts = found["rows"][row.value]
        names = ("checks", "pass", "fail", "unknown", "not_applicable")
        table.add_row(f"{row.value} {row.label}", *(str(counts[name]) for name in names))
    console.print(table)
    shards = ", ".join(
        f"{number} {state.replace('_', ' ')}" for state, number in found["shards"].items()
    )
    console.print(f"Shards: {shards}. Calls: {found['api_calls']}. Facts: {found['facts']}.")
    for reason, number in found["gaps"].items():
        console.print(f"Not collected, {reason.replace('_', ' ')}: {number}.")
    severities = ", ".join(f"{number} {severity}" for severity, number in found["findings"].items())
    console.print(f"Open findings: {severities}.")
    error = f" {scan.error}" if scan.error else ""
    console.print(f"The scan has ended: {scan.get_state_display().lower()}.{error}")


def exit_code(scan: Scan) -> int:
    """2 when something was not collected, else 1 when something fails, else 0."""
    if scan.state != Scan.State.FINISHED:
        return 2
    if any(row.get("unknown", 0) for row in scan.results.values()):
        return 2
    return 1 if any(row.get("fail", 0) for row in scan.results.values()) else 0
