"""The figures of DORA for organizations, OUs, teams and accounts, from what was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from findings.delivery_history import Measure, Source, SourceKind, Span, figures
from findings.dora import Change, Figure, Window
from findings.models import DeliveryRecord, ProductionChange
from findings.selectors.scopes_of_scorecards import Scope

LOOK_BACK = timedelta(days=365)
"""A failure that began this long before the window may have been restored in it."""
NOT_SCANNED = "not_scanned"
NO_LONGER_KEPT = "no_longer_kept"


class Knowledge(StrEnum):
    """How much a figure says: all, what is known only, nothing, or that there is nothing."""

    KNOWN = "known"
    PARTIAL = "partial"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFigure:
    measure: Measure
    figure: Figure
    knowledge: Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Dora:
    """The four figures of a scope, over the accounts of it that the person sees.

    ``missing`` counts accounts by why something of them is not known. ``evidence_at`` is when the
    oldest evidence was collected; None without any.
    """

    scope: Scope
    accounts: int
    sources: int
    days: int
    evidence_at: datetime | None
    missing: Mapping[str, int]
    figures: tuple[ToldFigure, ...]


class Deliveries:
    """What is kept of some accounts, given by their internal ids; read at once for many scopes."""

    def __init__(self, accounts: Iterable[int], *, days: int, now: datetime) -> None:
        self.days, self.now = days, now
        rows = DeliveryRecord.objects.filter(account__in=list(accounts))
        self.records = {record.account_id: record for record in rows}

    @cached_property
    def _changes(self) -> Mapping[tuple[int, str], list[ProductionChange]]:
        """By account and source, of all that may count."""
        if not self.records:
            return {}
        oldest = min(record.evidence_at for record in self.records.values())
        rows = ProductionChange.objects.filter(
            account__in=list(self.records),
            ended_at__gte=oldest - timedelta(days=self.days) - LOOK_BACK,
        )
        found: dict[tuple[int, str], list[ProductionChange]] = {}
        for row in rows.order_by("ended_at", "id"):
            found.setdefault((row.account_id, row.source), []).append(row)
        return found

    def of(self, scope: Scope, accounts: Sequence[int]) -> Dora:
        """The window ends with the newest evidence: what came after nobody has looked at."""
        records = [self.records[pk] for pk in accounts if pk in self.records]
        until = max((record.evidence_at for record in records), default=self.now)
        window = Window(since=until - timedelta(days=self.days), until=until)
        sources = [source for record in records for source in self._sources(record)]
        missing = self._missing(accounts, records, window)
        return Dora(
            scope=scope,
            accounts=len(accounts),
            sources=len(sources),
            days=self.days,
            evidence_at=min((record.evidence_at for record in records), default=None),
            missing=missing,
            figures=tuple(
                _told(measure, figure, has_sources=bool(sources), is_whole=not missing)
                for measure, figure in figures(sources, window).items()
            ),
        )

    def _sources(self, record: DeliveryRecord) -> list[Source]:
        return [
            _source(key, Span.parse(kept), self._changes.get((record.account_id, key), ()))
            for key, kept in record.sources.items()
        ]

    def _missing(
        self, accounts: Sequence[int], records: Iterable[DeliveryRecord], window: Window
    ) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        for record in records:
            spans = map(Span.parse, record.sources.values())
            is_short = any(span.since > window.since for span in spans)
            found.update({*record.gaps, *([NO_LONGER_KEPT] if is_short else [])})
        if unread := sum(pk not in self.records for pk in accounts):
            found[NOT_SCANNED] = unread
        return dict(sorted(found.items()))


def dora_of(scopes: Sequence[Scope], *, days: int, now: datetime) -> list[Dora]:
    """The figures of each scope, over the last so many days of its evidence."""
    among = [list(scope.accounts.order_by().values_list("pk", flat=True)) for scope in scopes]
    deliveries = Deliveries({pk for accounts in among for pk in accounts}, days=days, now=now)
    return [deliveries.of(scope, pks) for scope, pks in zip(scopes, among, strict=True)]


def _source(key: str, span: Span, rows: Iterable[ProductionChange]) -> Source:
    rows = list(rows)
    return Source(
        kind=SourceKind(key.partition(":")[0]),
        span=span,
        changes=tuple(
            Change(
                id=row.change_id,
                began_at=row.began_at,
                ended_at=row.ended_at,
                succeeded=row.succeeded,
                committed_at=row.committed_at,
                failed_at=row.failed_at,
            )
            for row in rows
        ),
        rolling_back=frozenset(row.change_id for row in rows if row.is_rollback),
    )


def _told(measure: Measure, figure: Figure, *, has_sources: bool, is_whole: bool) -> ToldFigure:
    """Zero is a figure only where something that deploys is known."""
    if not has_sources:
        figure = replace(figure, value=None)
    if figure.value is None:
        knowledge = Knowledge.NONE if is_whole else Knowledge.UNKNOWN
    else:
        knowledge = Knowledge.KNOWN if is_whole else Knowledge.PARTIAL
    return ToldFigure(measure=measure, figure=figure, knowledge=knowledge)
