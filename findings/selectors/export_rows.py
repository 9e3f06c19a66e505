"""The rows of exports, by kind: each batch is read with a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from accounts.models import Account, AuditEntry
from findings.checks.base import built_in
from findings.models import ExportKind, RegionState, Shard
from findings.packing import Entry, unpack_manifest
from findings.scoring import rounded
from findings.selectors.export_batches import Batch, Row, Source, Wanted, by_key, of_account
from findings.selectors.export_findings import FINDINGS
from findings.selectors.export_incidents import ACTION_ITEMS, INCIDENTS, LEARNINGS
from findings.selectors.scorecards import Line, Scoring, statements_of, weights_in
from findings.selectors.standing import Counts, counts_by_account_and_check

ACCOUNTS, PLACES = 100, 50
SCORECARD_COLUMNS = (
    "account_id",
    "account_name",
    "ou",
    "cut",
    "name",
    "score",
    "coverage",
    "level",
    "passed",
    "failed",
    "suppressed",
    "unknown",
    "not_applicable",
    "attested",
)
COVERAGE_COLUMNS = (
    "account_id",
    "account_name",
    "ou",
    "region",
    "region_state",
    "kind",
    "collected_at",
    "gap",
    "operation",
    "code",
)
AUDIT_COLUMNS = (
    "uid",
    "at",
    "actor",
    "action",
    "target_type",
    "target_uid",
    "target_name",
    "before",
    "after",
    "request_id",
)
PERSONAL = frozenset({"email", "mail", "phone", "first_name", "last_name"})
"""Names of fields in the audit log that are left out; who did it is told by their user name."""


def _members(wanted: Wanted) -> QuerySet[Account]:
    seen = Account.objects.visible_to(wanted.user).members()
    return seen.filter(organization=wanted.organization).select_related("ou", "owner_team")


def _scorecards(wanted: Wanted) -> Iterator[Batch]:
    scoring = Scoring(built_in())
    statements = statements_of([wanted.organization.pk], wanted.now)
    for found in by_key(lambda: _members(wanted), ACCOUNTS):
        accounts = Account.objects.filter(pk__in=[account.pk for account in found])
        counts = counts_by_account_and_check(accounts, wanted.now)
        rows = []
        for account in found:
            weights = weights_in([account], statements, wanted.now)
            card = scoring.card(counts.get(account.pk, {}), weights)
            cuts: list[tuple[str, Mapping[Any, Line]]] = [
                ("total", {"": card.total}),
                ("phase", card.phases),
                ("row", card.rows),
                ("question", card.questions),
                ("principle", card.principles),
            ]
            rows += [
                of_account(account) | {"cut": cut, "name": str(name)} | _line(line)
                for cut, lines in cuts
                for name, line in lines.items()
                if line.counts != Counts() or line.attested or cut == "total"
            ]
        yield Batch(rows, frozenset(account.pk for account in found))


def _line(line: Line) -> Row:
    return {
        "score": rounded(line.score.value),
        "coverage": rounded(line.score.coverage),
        "level": line.reached.level.value if line.reached.level else "",
        "passed": line.counts.passed,
        "failed": line.counts.failed,
        "suppressed": line.counts.suppressed,
        "unknown": line.counts.unknown,
        "not_applicable": line.counts.not_applicable,
        "attested": line.attested,
    }


def _places(wanted: Wanted) -> QuerySet[RegionState]:
    seen = RegionState.objects.visible_to(wanted.user).filter(
        account__organization=wanted.organization
    )
    return seen.select_related("account__ou")


def _coverage(wanted: Wanted) -> Iterator[Batch]:
    for found in by_key(lambda: _places(wanted), PLACES):
        ids = {int(pk) for state in found for pk in state.sources}
        shards = Shard.objects.select_related("manifest").in_bulk(ids)
        rows = [row for state in found for row in _of_place(state, shards)]
        yield Batch(rows, frozenset(state.account_id for state in found))


def _of_place(state: RegionState, shards: Mapping[int, Shard]) -> Iterator[Row]:
    """A row for each kind of fact, and for each of its gaps; one where nothing is collected."""
    place = of_account(state.account) | {"region": state.region, "region_state": state.state}
    if not state.sources:
        yield place
    for pk, kinds in state.sources.items():
        shard = shards.get(int(pk))
        manifest = shard.manifest if shard else None
        entries = unpack_manifest(bytes(manifest.body)) if manifest else {}
        at = shard.collected_at if shard else None
        for kind in sorted(kinds):
            yield from _of_kind(place | {"kind": kind, "collected_at": at}, entries.get(kind))


def _of_kind(row: Row, entry: Entry | None) -> Iterator[Row]:
    """Evidence that is no longer kept is told as such; a kind may have gaps and facts as well."""
    if entry is None:
        yield row | {"gap": "not_kept"}
    elif not entry.all_gaps:
        yield row | {"gap": ""}
    else:
        for gap in entry.all_gaps:
            yield row | {"gap": gap.reason.value, "operation": gap.operation, "code": gap.code}


def _entries(wanted: Wanted) -> QuerySet[AuditEntry]:
    seen = AuditEntry.objects.visible_to(wanted.user)
    return seen.filter(organization=wanted.organization)


def _audit(wanted: Wanted) -> Iterator[Batch]:
    for found in by_key(lambda: _entries(wanted)):
        yield Batch([_entry(entry) for entry in found], frozenset())


def _entry(entry: AuditEntry) -> Row:
    row = {name: getattr(entry, name) for name in AUDIT_COLUMNS if name != "actor"}
    told = {name: _without_personal(row[name]) for name in ("before", "after")}
    return row | told | {"actor": entry.actor_name}


def _without_personal(fields: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if fields is None:
        return None
    return {name: value for name, value in fields.items() if name not in PERSONAL}


SOURCES: Mapping[str, Source] = {
    ExportKind.FINDINGS.value: FINDINGS,
    ExportKind.INCIDENTS.value: INCIDENTS,
    ExportKind.LEARNINGS.value: LEARNINGS,
    ExportKind.ACTION_ITEMS.value: ACTION_ITEMS,
    ExportKind.SCORECARDS.value: Source(columns=SCORECARD_COLUMNS, read=_scorecards),
    ExportKind.COVERAGE.value: Source(columns=COVERAGE_COLUMNS, read=_coverage),
    ExportKind.AUDIT.value: Source(
        columns=AUDIT_COLUMNS, read=_audit, number=lambda wanted: _entries(wanted).count()
    ),
}
