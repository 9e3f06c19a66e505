"""The rows of exports: batches by key, each read with a constant number of queries.

A batch is narrowed anew to what the person may see, so who loses access is told no more from the
next batch on. Rows are as they stand when they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet

from accounts.models import Account, AuditEntry, Organization
from findings.checks.base import built_in
from findings.models import Episode, ExportKind, Finding, RegionState, Shard
from findings.packing import Entry, unpack_manifest
from findings.scoring import rounded
from findings.selectors.finding_list import FindingFilter
from findings.selectors.scorecards import Line, Scoring, statements_of, weights_in
from findings.selectors.standing import Counts, counts_by_account_and_check

BATCH = 2000
ACCOUNTS, PLACES = 100, 50
Row = dict[str, Any]
M = TypeVar("M", bound=Model)

FINDING_COLUMNS = (
    "uid",
    "fingerprint",
    "check_id",
    "check_version",
    "row",
    "severity",
    "account_id",
    "account_name",
    "ou",
    "partition",
    "region",
    "resource",
    "evidence_status",
    "is_open",
    "workflow",
    "open_cause",
    "close_cause",
    "message",
    "opened_at",
    "closed_at",
    "changed_at",
    "facts_at",
    "unverified_since",
)
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


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows, and the (internal) ids of the accounts that they tell of."""

    rows: list[Row]
    accounts: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose rows of which organization, how narrowed, as of when."""

    user: User
    organization: Organization
    filters: Mapping[str, str] = field(default_factory=dict)
    now: datetime


Reader = Callable[[Wanted], Iterator[Batch]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The rows of a kind; ``number`` of them is told where it can be counted beforehand."""

    columns: tuple[str, ...]
    read: Reader
    number: Callable[[Wanted], int | None] = lambda wanted: None


def findings_wanted(wanted: Wanted) -> QuerySet[Finding]:
    """Those of the findings list with the same filter, of one organization."""
    seen = Finding.objects.visible_to(wanted.user).filter(organization=wanted.organization)
    return FindingFilter.of(wanted.filters).apply(seen, wanted.now)


def _by_key(rows: Callable[[], QuerySet[M]], size: int) -> Iterator[list[M]]:
    """Pieces in the order of the key; the rows are asked for anew each time."""
    last = 0
    while found := list(rows().filter(pk__gt=last).order_by("pk")[:size]):
        yield found
        last = found[-1].pk


def _findings(wanted: Wanted) -> Iterator[Batch]:
    related = ("account__ou", "account__organization")
    for found in _by_key(lambda: findings_wanted(wanted).select_related(*related), BATCH):
        yield Batch(finding_rows(found), frozenset(finding.account_id for finding in found))


def finding_rows(found: list[Finding]) -> list[Row]:
    """The rows of findings, with what people did about the last episode of each."""
    episodes = Episode.objects.filter(finding__in=[finding.pk for finding in found])
    last = {episode.finding_id: episode for episode in episodes.order_by("finding", "number")}
    return [_finding(finding, last.get(finding.pk)) for finding in found]


OF_FINDING = tuple(
    name for name in FINDING_COLUMNS if name in {one.name for one in Finding._meta.get_fields()}
)


def _finding(finding: Finding, episode: Episode | None) -> Row:
    row = {name: getattr(finding, name) for name in OF_FINDING}
    return (
        _of_account(finding.account)
        | row
        | {
            "partition": finding.account.organization.partition,
            "workflow": episode.workflow if episode else "",
            "open_cause": episode.open_cause if episode else "",
            "close_cause": episode.close_cause if episode else "",
            "closed_at": episode.closed_at if episode else None,
        }
    )


def _of_account(account: Account) -> Row:
    return {
        "account_id": account.account_id,
        "account_name": account.name,
        "ou": account.ou.path if account.ou else "",
    }


def _members(wanted: Wanted) -> QuerySet[Account]:
    seen = Account.objects.visible_to(wanted.user).members()
    return seen.filter(organization=wanted.organization).select_related("ou", "owner_team")


def _scorecards(wanted: Wanted) -> Iterator[Batch]:
    scoring = Scoring(built_in())
    statements = statements_of([wanted.organization.pk], wanted.now)
    for found in _by_key(lambda: _members(wanted), ACCOUNTS):
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
                _of_account(account) | {"cut": cut, "name": str(name)} | _line(line)
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
    for found in _by_key(lambda: _places(wanted), PLACES):
        ids = {int(pk) for state in found for pk in state.sources}
        shards = Shard.objects.select_related("manifest").in_bulk(ids)
        rows = [row for state in found for row in _of_place(state, shards)]
        yield Batch(rows, frozenset(state.account_id for state in found))


def _of_place(state: RegionState, shards: Mapping[int, Shard]) -> Iterator[Row]:
    """A row for each kind of fact, and for each of its gaps; one where nothing is collected."""
    place = _of_account(state.account) | {"region": state.region, "region_state": state.state}
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
    for found in _by_key(lambda: _entries(wanted), BATCH):
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
    ExportKind.FINDINGS.value: Source(
        columns=FINDING_COLUMNS,
        read=_findings,
        number=lambda wanted: findings_wanted(wanted).count(),
    ),
    ExportKind.SCORECARDS.value: Source(columns=SCORECARD_COLUMNS, read=_scorecards),
    ExportKind.COVERAGE.value: Source(columns=COVERAGE_COLUMNS, read=_coverage),
    ExportKind.AUDIT.value: Source(
        columns=AUDIT_COLUMNS, read=_audit, number=lambda wanted: _entries(wanted).count()
    ),
}
