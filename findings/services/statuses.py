"""How results count, by check and place: written only where a count changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from findings.checks.base import Definition, Result
from findings.checks.outcomes import Status
from findings.models import CheckStatus

_FIELDS = {
    Status.PASS: "passed",
    Status.FAIL: "failed",
    Status.UNKNOWN: "unknown",
    Status.NOT_APPLICABLE: "not_applicable",
}
_WRITTEN = ["row", *_FIELDS.values(), "gaps", "changed_at"]


@dataclass(frozen=True, slots=True)
class Home:
    """A place at which a check was evaluated: the pk of its account, and the region."""

    account: int
    region: str
    check: str


def statuses_apply(
    *,
    homes: Mapping[Home, Definition],
    results: Iterable[tuple[Home, Result]],
    now: datetime,
) -> None:
    """Bring the counts of the evaluated checks to what the results say."""
    grouped: dict[Home, list[Result]] = {}
    for home, result in results:
        grouped.setdefault(home, []).append(result)
    wanted = {home: _status(home, homes[home], found, now) for home, found in grouped.items()}
    held = _held(homes)
    changed = [w for home, w in wanted.items() if home not in held or _differs(held[home], w)]
    CheckStatus.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["account", "region", "check_id"],
        update_fields=_WRITTEN,
        batch_size=500,
    )
    idle = [status.pk for home, status in held.items() if home not in wanted]
    if idle:
        CheckStatus.objects.filter(pk__in=idle).delete()


def _held(homes: Mapping[Home, Definition]) -> dict[Home, CheckStatus]:
    rows = CheckStatus.objects.filter(
        account__in={home.account for home in homes},
        region__in={home.region for home in homes},
        check_id__in={home.check for home in homes},
    ).order_by()
    found = {Home(row.account_id, row.region, row.check_id): row for row in rows}
    return {home: row for home, row in found.items() if home in homes}


def _status(
    home: Home, definition: Definition, results: list[Result], now: datetime
) -> CheckStatus:
    counts = Counter(result.status for result in results)
    return CheckStatus(
        account_id=home.account,
        region=home.region,
        check_id=home.check,
        row=definition.check.row.value,
        gaps=sorted({gap.reason.value for result in results for gap in result.gaps}),
        changed_at=now,
        **{name: counts[status] for status, name in _FIELDS.items()},
    )


def _differs(held: CheckStatus, wanted: CheckStatus) -> bool:
    names = [name for name in _WRITTEN if name != "changed_at"]
    return any(getattr(held, name) != getattr(wanted, name) for name in names)
