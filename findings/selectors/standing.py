"""Where accounts stand: counts of results by row, by organizational unit and by account.

A share is of what is known; its coverage says how much of what was looked at that is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from accounts.models import Account
from findings.catalogue.pillar import Row, Severity
from findings.models import CheckStatus, Finding


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of results by outcome."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    not_applicable: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)))

    @property
    def known(self) -> int:
        return self.passed + self.failed

    @property
    def share(self) -> int | None:
        """Percent that pass of what is known, rounded down; None where nothing is known."""
        return 100 * self.passed // self.known if self.known else None

    @property
    def coverage(self) -> int | None:
        """Percent that is known of what was looked at, rounded down."""
        judged = self.known + self.unknown
        return 100 * self.known // judged if judged else None

    @property
    def by_status(self) -> Mapping[str, int]:
        return {
            "pass": self.passed,
            "fail": self.failed,
            "unknown": self.unknown,
            "not_applicable": self.not_applicable,
        }


SUMS = {f.name: Sum(f.name, default=0) for f in fields(Counts)}


def _counts(row: Mapping[str, Any]) -> Counts:
    return Counts(**{f.name: row[f.name] for f in fields(Counts)})


def counts_by_row(accounts: QuerySet[Account]) -> dict[Row, Counts]:
    """The counts of all ten rows, zeros where nothing was judged."""
    statuses = CheckStatus.objects.filter(account__in=accounts).order_by()
    found = {row["row"]: _counts(row) for row in statuses.values("row").annotate(**SUMS)}
    return {row: found.get(row.value, Counts()) for row in Row}


def counts_by_check(accounts: QuerySet[Account]) -> dict[str, Counts]:
    """The counts of each check that was judged anywhere."""
    statuses = CheckStatus.objects.filter(account__in=accounts).order_by()
    return {row["check_id"]: _counts(row) for row in statuses.values("check_id").annotate(**SUMS)}


def counts_by_account(accounts: QuerySet[Account]) -> dict[int, Counts]:
    statuses = CheckStatus.objects.filter(account__in=accounts).order_by()
    rows = statuses.values("account_id").annotate(**SUMS)
    found: defaultdict[int, Counts] = defaultdict(Counts)
    found.update({row["account_id"]: _counts(row) for row in rows})
    return found


def counts_by_account_and_check(accounts: QuerySet[Account]) -> dict[int, dict[str, Counts]]:
    """Account (internal id) -> check -> counts, where anything was judged."""
    statuses = CheckStatus.objects.filter(account__in=accounts).order_by()
    found: defaultdict[int, dict[str, Counts]] = defaultdict(dict)
    for row in statuses.values("account_id", "check_id").annotate(**SUMS).iterator():
        found[row["account_id"]][row["check_id"]] = _counts(row)
    return found


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """One line of the heat map: an OU (empty path: the root) and its ten rows."""

    path: str
    accounts: int
    rows: Mapping[Row, Counts]

    def __iter__(self) -> Iterator[Counts]:
        return iter(self.rows.values())


def standing_by_unit(accounts: QuerySet[Account]) -> list[UnitStanding]:
    """The counts of each OU that holds accounts itself, by row, ordered by path."""
    members = accounts.order_by().values(path=F("ou__path")).annotate(number=Count("pk"))
    statuses = CheckStatus.objects.filter(account__in=accounts).order_by()
    cells: dict[str, dict[str, Counts]] = defaultdict(dict)
    for row in statuses.values("row", path=F("account__ou__path")).annotate(**SUMS):
        cells[row["path"] or ""][row["row"]] = _counts(row)
    return [
        UnitStanding(
            path=member["path"] or "",
            accounts=member["number"],
            rows={row: cells[member["path"] or ""].get(row.value, Counts()) for row in Row},
        )
        for member in sorted(members, key=lambda member: member["path"] or "")
    ]


def open_findings_by_severity(findings: QuerySet[Finding]) -> dict[Severity, int]:
    """Numbers of open findings, all severities, critical first."""
    counted = findings.open().order_by().values("severity").annotate(number=Count("pk"))  # type: ignore[attr-defined]
    numbers = {row["severity"]: row["number"] for row in counted}
    return {severity: numbers.get(severity.value, 0) for severity in Severity}


def open_findings_by_account(accounts: QuerySet[Account]) -> dict[int, dict[str, int]]:
    """Account id (internal) -> open findings: total, critical, high."""
    rows = accounts.order_by().values("pk").annotate(
        total=Count("findings", filter=Q(findings__is_open=True)),
        critical=Count("findings", filter=Q(findings__is_open=True, findings__severity="critical")),
        high=Count("findings", filter=Q(findings__is_open=True, findings__severity="high")),
    )  # fmt: skip
    return {row["pk"]: {name: row[name] for name in ("total", "critical", "high")} for row in rows}


def total(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())
