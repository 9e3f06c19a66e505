"""Where accounts stand: counts of results by row, by organizational unit and by account.

A share is of what is known; its coverage says how much of what was looked at that is. What fails
and is suppressed counts neither as pass nor as fail; it is told beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value

from accounts.models import Account
from findings.catalogue.pillar import Row, Severity
from findings.models import CheckStatus, Finding, SuppressedFinding


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of results by outcome."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    not_applicable: int = 0
    suppressed: int = 0
    """They fail, by an approved decision; not in ``failed``."""

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
        known = self.known + self.suppressed
        judged = known + self.unknown
        return 100 * known // judged if judged else None

    @property
    def by_status(self) -> Mapping[str, int]:
        return {
            "pass": self.passed,
            "fail": self.failed,
            "suppressed": self.suppressed,
            "unknown": self.unknown,
            "not_applicable": self.not_applicable,
        }


_STORED = ("passed", "failed", "unknown", "not_applicable")


def _counted(
    accounts: QuerySet[Account], now: datetime, **keys: str
) -> dict[tuple[Any, ...], Counts]:
    """The counts by the given columns of a result, each named as seen from its row."""
    sums: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 5)
    results = _results(accounts, keys).union(_suppressed(accounts, now, keys), all=True)
    for row in results.iterator():
        *numbers, last = (row[f"sum_{name}"] for name in (*_STORED, "suppressed"))
        held = sums[tuple(row[name] for name in _columns(keys))]
        held[:] = [one + other for one, other in zip(held, (*numbers, last), strict=True)]
    return {key: _of(*numbers) for key, numbers in sums.items()}


def _of(passed: int, failed: int, unknown: int, not_applicable: int, suppressed: int) -> Counts:
    """What the newest results no longer show to fail is not taken from those that do."""
    taken = min(suppressed, failed)
    return Counts(passed, failed - taken, unknown, not_applicable, taken)


def _columns(keys: Mapping[str, str], of: str = "") -> dict[str, F]:
    return {f"by_{name}": F(f"{of}{path}") for name, path in keys.items()}


def _results(accounts: QuerySet[Account], keys: Mapping[str, str]) -> QuerySet[Any, Any]:
    statuses = CheckStatus.objects.filter(account__in=accounts).order_by()
    sums = {f"sum_{name}": Sum(name, default=0) for name in _STORED}
    return statuses.values(**_columns(keys)).annotate(**sums, sum_suppressed=Value(0))


def _suppressed(
    accounts: QuerySet[Account], now: datetime, keys: Mapping[str, str]
) -> QuerySet[Any, Any]:
    """Numbers of suppressed findings that are seen to fail, in the columns of results."""
    rows = SuppressedFinding.objects.at(now).filter(
        finding__account__in=accounts, finding__is_open=True, finding__unverified_since=None
    )
    none = {f"sum_{name}": Value(0) for name in _STORED}
    number = Count("finding", distinct=True)
    counted = rows.order_by().values(**_columns(keys, "finding__"))
    return counted.annotate(**none, sum_suppressed=number)


def counts_by_row(accounts: QuerySet[Account], now: datetime) -> dict[Row, Counts]:
    """The counts of all ten rows, zeros where nothing was judged."""
    found = _counted(accounts, now, row="row")
    return {row: found.get((row.value,), Counts()) for row in Row}


def counts_by_check(accounts: QuerySet[Account], now: datetime) -> dict[str, Counts]:
    """The counts of each check that was judged anywhere."""
    return {check: counts for (check,), counts in _counted(accounts, now, check="check_id").items()}


def counts_by_account(accounts: QuerySet[Account], now: datetime) -> dict[int, Counts]:
    found: defaultdict[int, Counts] = defaultdict(Counts)
    for (account,), counts in _counted(accounts, now, account="account_id").items():
        found[account] = counts
    return found


def counts_by_account_and_check(
    accounts: QuerySet[Account], now: datetime
) -> dict[int, dict[str, Counts]]:
    """Account (internal id) -> check -> counts, where anything was judged."""
    found: defaultdict[int, dict[str, Counts]] = defaultdict(dict)
    counted = _counted(accounts, now, account="account_id", check="check_id")
    for (account, check), counts in counted.items():
        found[account][check] = counts
    return found


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """One line of the heat map: an OU (empty path: the root) and its ten rows."""

    path: str
    accounts: int
    rows: Mapping[Row, Counts]

    def __iter__(self) -> Iterator[Counts]:
        return iter(self.rows.values())


def standing_by_unit(accounts: QuerySet[Account], now: datetime) -> list[UnitStanding]:
    """The counts of each OU that holds accounts itself, by row, ordered by path."""
    members = accounts.order_by().values(path=F("ou__path")).annotate(number=Count("pk"))
    cells: dict[str, dict[str, Counts]] = defaultdict(dict)
    for (path, row), counts in _counted(accounts, now, path="account__ou__path", row="row").items():
        cells[path or ""][row] = counts
    return [
        UnitStanding(
            path=member["path"] or "",
            accounts=member["number"],
            rows={row: cells[member["path"] or ""].get(row.value, Counts()) for row in Row},
        )
        for member in sorted(members, key=lambda member: member["path"] or "")
    ]


@dataclass(frozen=True, slots=True)
class OpenFindings:
    """Open findings that are not suppressed by severity, critical first, and those that are."""

    by_severity: Mapping[Severity, int]
    suppressed: int


def open_findings(findings: QuerySet[Finding], now: datetime) -> OpenFindings:
    covered = Q(Exists(SuppressedFinding.objects.at(now).filter(finding=OuterRef("pk"))))
    counted = findings.filter(is_open=True).order_by().values("severity").annotate(
        shown=Count("pk", filter=~covered), hidden=Count("pk", filter=covered)
    )  # fmt: skip
    rows = {row["severity"]: row for row in counted}
    shown = {severity: rows[severity.value]["shown"] if severity.value in rows else 0
             for severity in Severity}  # fmt: skip
    return OpenFindings(shown, sum(row["hidden"] for row in rows.values()))


def open_findings_by_account(
    accounts: QuerySet[Account], now: datetime
) -> dict[int, dict[str, int]]:
    """Account id (internal) -> open findings, not suppressed: total, critical, high."""
    covered = SuppressedFinding.objects.at(now).filter(finding=OuterRef("findings"))
    shown = Q(findings__is_open=True) & ~Q(Exists(covered))
    rows = accounts.order_by().values("pk").annotate(
        total=Count("findings", filter=shown),
        critical=Count("findings", filter=shown & Q(findings__severity="critical")),
        high=Count("findings", filter=shown & Q(findings__severity="high")),
    )  # fmt: skip
    return {row["pk"]: {name: row[name] for name in ("total", "critical", "high")} for row in rows}


def total(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())
