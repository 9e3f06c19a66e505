"""Daily snapshots of scorecards: history is kept as it was, never counted again from live rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, QuerySet

from accounts.models import Account, Organization, OrganizationalUnit, Team
from findings.checks.base import Registry
from findings.models import Attestation, ScanAccount, ScopeKind, ScoreSnapshot
from findings.scoring import rounded
from findings.selectors.scorecards import Line, Scoring, statements_of, weights_in
from findings.selectors.standing import Counts, counts_by_account_and_check

BATCH = 500
VALUES = (
    "scope_name",
    "score",
    "coverage",
    "level",
    "passed",
    "failed",
    "unknown",
    "not_applicable",
    "suppressed",
    "attested",
    "accounts",
    "scanned_at",
)
ByCheck = Mapping[str, Counts]


def scorecards_snapshot(*, organization: Organization, registry: Registry, now: datetime) -> int:
    """Bring the snapshots of the running day to the state of now; how many rows changed.

    Called through the day, the last call leaves the state at its end; days that are over are not
    touched. A second call without a change between writes nothing.
    """
    day = now.astimezone(ZoneInfo(organization.time_zone)).date()
    rows = list(_rows(organization, registry, day, now))
    with transaction.atomic():
        # the weaker lock lets scans go on, whose rows refer to the organization
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        return _write(rows, ScoreSnapshot.objects.filter(organization=organization, day=day))


def _write(rows: Iterable[ScoreSnapshot], of_day: QuerySet[ScoreSnapshot]) -> int:
    """Make what is stored of a day equal to the rows."""
    wanted = {_key(row): row for row in rows}
    held = {_key(row): row for row in of_day}
    changed = [row for key, row in wanted.items() if _differs(row, held.get(key))]
    ScoreSnapshot.objects.bulk_create(
        changed,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["scope_uid", "scope_kind", "row", "day"],
        update_fields=VALUES,
    )
    gone = [row.pk for key, row in held.items() if key not in wanted]
    of_day.filter(pk__in=gone).delete()
    return len(changed) + len(gone)


def _key(row: ScoreSnapshot) -> tuple[str, UUID, str]:
    return row.scope_kind, row.scope_uid, row.row


def _differs(row: ScoreSnapshot, held: ScoreSnapshot | None) -> bool:
    return held is None or any(getattr(row, name) != getattr(held, name) for name in VALUES)


@dataclass(frozen=True, slots=True)
class _Scope:
    kind: ScopeKind
    uid: UUID
    name: str
    accounts: tuple[Account, ...]


def _rows(
    organization: Organization, registry: Registry, day: date, now: datetime
) -> Iterator[ScoreSnapshot]:
    members = Account.objects.filter(organization=organization).members()
    accounts = list(members.select_related("organization", "ou", "owner_team"))
    by_account, scanned = counts_by_account_and_check(members, now), _scanned(organization)
    statements, scoring = statements_of([organization.pk], now), Scoring(registry)
    for scope in _scopes(organization, accounts):
        counts = _summed(by_account.get(account.pk, {}) for account in scope.accounts)
        instants = [scanned[a.pk] for a in scope.accounts if a.pk in scanned]
        for name, line in _lines(scoring, counts, scope, statements, now):
            yield ScoreSnapshot(
                organization=organization,
                day=day,
                scope_kind=scope.kind.value,
                scope_uid=scope.uid,
                scope_name=scope.name,
                row=name,
                accounts=len(scope.accounts),
                scanned_at=max(instants, default=None),
                **_values(line),
            )


def _lines(
    scoring: Scoring,
    counts: ByCheck,
    scope: _Scope,
    statements: Iterable[Attestation],
    now: datetime,
) -> Iterator[tuple[str, Line]]:
    """All rows together, as "", then each in which something was looked at."""
    weights = weights_in(scope.accounts, statements, now)
    yield "", scoring.line(scoring.total, counts, weights)
    for row, cut in scoring.rows.items():
        line = scoring.line(cut, counts, weights)
        if line.counts != Counts():
            yield row.value, line


def _values(line: Line) -> dict[str, object]:
    return {
        "score": rounded(line.score.value),
        "coverage": rounded(line.score.coverage),
        "level": line.reached.level.value if line.reached.level else "",
        "passed": line.counts.passed,
        "failed": line.counts.failed,
        "unknown": line.counts.unknown,
        "not_applicable": line.counts.not_applicable,
        "suppressed": line.counts.suppressed,
        "attested": line.attested,
    }


def _scanned(organization: Organization) -> dict[int, datetime]:
    """Account (internal id) -> when its last scan ended."""
    ended = ScanAccount.objects.filter(
        scan__organization=organization,
        scan__finished_at__isnull=False,
        state=ScanAccount.State.ENDED,
        access="",
    )
    rows = ended.order_by().values("account_id").annotate(at=Max("scan__finished_at"))
    return {row["account_id"]: row["at"] for row in rows}


def _summed(cards: Iterable[ByCheck]) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for card in cards:
        for check, counts in card.items():
            found[check] = found[check] + counts if check in found else counts
    return found


def _scopes(organization: Organization, accounts: list[Account]) -> Iterator[_Scope]:
    """The organization, OUs with all below them, teams and accounts; none that is empty."""
    yield from (scope for scope in _all_scopes(organization, accounts) if scope.accounts)


def _all_scopes(organization: Organization, accounts: list[Account]) -> Iterator[_Scope]:
    yield _Scope(ScopeKind.ORGANIZATION, organization.uid, organization.name, tuple(accounts))
    for unit in OrganizationalUnit.objects.filter(organization=organization).present():
        below = tuple(a for a in accounts if a.ou and a.ou.lineage.startswith(unit.lineage))
        yield _Scope(ScopeKind.OU, unit.uid, unit.path, below)
    for team in Team.objects.filter(organization=organization):
        owned = tuple(a for a in accounts if a.owner_team_id == team.pk)
        yield _Scope(ScopeKind.TEAM, team.uid, team.name, owned)
    for account in accounts:
        yield _Scope(ScopeKind.ACCOUNT, account.uid, account.name, (account,))
