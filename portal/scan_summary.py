"""An ended scan in one JSON object, for scripts."""

from collections.abc import Mapping
from typing import Any

from findings.catalogue.pillar import Row, Severity
from findings.checks.base import built_in, of_rows
from findings.checks.outcomes import Status
from findings.models import Scan


def scan_summary(scan: Scan) -> dict[str, Any]:
    """Counts of an ended scan. `accounts` are those of its organization, scanned or not."""
    rows = {row.value: _row(row, scan.results.get(row.value, {})) for row in Row}
    return {
        "accounts": scan.organization.accounts.members().count(),
        "shards": {
            "collected": scan.collected_shards,
            "partial": scan.partial_shards,
            "failed": scan.failed_shards,
            "out_of_scope": scan.out_of_scope_shards,
        },
        "api_calls": scan.api_calls,
        "facts": scan.facts,
        "gaps": dict(scan.gaps),
        "results": {s.value: sum(row[s.value] for row in rows.values()) for s in Status},
        "rows": rows,
        "findings": {severity.value: scan.open_findings.get(severity, 0) for severity in Severity},
        "seconds": _seconds(scan),
    }


def _row(row: Row, results: Mapping[str, int]) -> dict[str, int]:
    checks = len(of_rows(built_in(), [row]))
    return {"checks": checks, **{status.value: results.get(status, 0) for status in Status}}


def _seconds(scan: Scan) -> float:
    if scan.finished_at is None:
        raise ValueError("The scan has not ended.")
    return round((scan.finished_at - scan.requested_at).total_seconds(), 1)
