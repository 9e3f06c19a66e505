"""Which findings suppressions cover, brought up to date; run twice it writes nothing.

A suppression covers what its selector matches from the decision on, and findings born later from
their birth, each until the end that its severity allows. Beyond its maximum, or when its
compensating check fails, it trips: it covers nothing more and is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import F

from findings.checks.base import Registry
from findings.lifecycle import fails_otherwise
from findings.models import (
    Episode,
    Finding,
    SuppressedFinding,
    Suppression,
    SuppressionCursor,
    SuppressionEvent,
)
from findings.models.suppression_history import SuppressedFindingQuerySet
from findings.selectors.suppressions import Compensation, compensation_in, findings_selected
from findings.services.suppression_events import suppression_events_append

Kind = SuppressionEvent.Kind


@dataclass(kw_only=True)
class CoverageWriter:
    """Brings one suppression's coverage to what its selector matches.

    ``since`` limits it to findings (internal ids), each with the instant of what happened to it;
    without it, all that matches is looked at and changes count from now.
    """

    suppression: Suppression
    cursor: SuppressionCursor
    registry: Registry
    now: datetime
    since: Mapping[int, datetime] | None = None
    _moved: list[SuppressedFinding] = field(default_factory=list)
    _begun: list[SuppressedFinding] = field(default_factory=list)
    _events: list[SuppressionEvent] = field(default_factory=list)

    def renew(self) -> None:
        """Begin and end what changed. Trips where a condition of the decision no longer holds."""
        episodes = self._episodes()
        held = {row.episode_id: row for row in self._rows().not_over(self.now)}
        changed = self._judged_otherwise(episodes)
        if changed and self.suppression.is_of_one_finding:
            self.trip(Kind.EVIDENCE_CHANGED, finding=changed[0].finding)
            return
        self._tell_changed(changed, held)
        wanted = {e.pk: e for e in episodes if e not in changed}
        if self._is_beyond_maximum(any(pk not in held for pk in wanted)):
            self.trip(Kind.TOO_MANY)
            return
        for pk, row in held.items():
            self._keep(row, wanted.get(pk))
        for pk, episode in wanted.items():
            if pk not in held:
                self._begin(episode)
        self._write()

    def trip(
        self,
        kind: SuppressionEvent.Kind,
        *,
        finding: Finding | None = None,
        account: int | None = None,
    ) -> None:
        """End all that it covers, and ask for the decision again."""
        coverage_end(self.suppression, now=self.now)
        self.suppression.tripped_at = self.now
        self.suppression.save(update_fields=["tripped_at"])
        self._event(kind, finding=finding, account=account)
        self._ask_again()
        suppression_events_append(self.cursor, self._events)

    def _episodes(self) -> list[Episode]:
        selected = findings_selected(self.suppression)
        if self.since is not None:
            selected = selected.filter(pk__in=list(self.since))
        found = Episode.objects.open().filter(finding__in=selected.values("pk"))
        return list(found.select_related("finding"))

    def _rows(self) -> SuppressedFindingQuerySet:
        rows = SuppressedFinding.objects.filter(suppression=self.suppression)
        return rows if self.since is None else rows.filter(finding__in=list(self.since))

    def _judged_otherwise(self, episodes: Iterable[Episode]) -> list[Episode]:
        """Of false positives, the episodes whose failure is another one than was judged."""
        if self.suppression.kind != Suppression.Kind.FALSE_POSITIVE:
            return []
        first = {row.finding_id: row.judged for row in self._rows().order_by("-id")}
        return [e for e in episodes if e.finding_id in first
                and self._differs(e.finding, first[e.finding_id])]  # fmt: skip

    def _differs(self, finding: Finding, judged: Mapping[str, object]) -> bool:
        before, now = judged, judged_of(finding)
        if before["version"] != now["version"]:
            return True
        definition = self.registry.get(finding.check_id)
        return fails_otherwise(
            (before["message"], before["parts"]),  # type: ignore[arg-type]
            (now["message"], now["parts"]),  # type: ignore[arg-type]
            is_moving=definition is not None and definition.reads_volatile,
        )

    def _tell_changed(
        self, changed: Iterable[Episode], held: Mapping[int, SuppressedFinding]
    ) -> None:
        """Once an episode: that it is no longer, or not again, covered."""
        for episode in changed:
            told = self.suppression.events.filter(
                kind=Kind.EVIDENCE_CHANGED, finding=episode.finding_id, at__gte=episode.opened_at
            )
            if episode.pk in held or not told.exists():
                self._event(Kind.EVIDENCE_CHANGED, finding=episode.finding)

    def _is_beyond_maximum(self, grows: bool) -> bool:
        most = self.suppression.maximum
        return grows and most is not None and findings_selected(self.suppression).count() > most

    def _keep(self, row: SuppressedFinding, episode: Episode | None) -> None:
        """End a row that is no longer wanted; move its end where the severity changed."""
        if episode is None:
            row.until_at = max(self._instant(row.finding_id), row.from_at)
            self._moved.append(row)
            return
        until = self._until(episode.finding)
        if row.until_at != until:
            row.until_at = max(until, min(self.now, row.until_at), row.from_at)
            self._moved.append(row)

    def _begin(self, episode: Episode) -> None:
        suppression = self.suppression
        decided_at = suppression.decided_at or self.now
        start = max(suppression.starts_at, decided_at, self._instant(episode.finding_id))
        until = self._until(episode.finding)
        if start >= until:
            return
        is_judged = suppression.kind == Suppression.Kind.FALSE_POSITIVE
        row = SuppressedFinding(
            suppression=suppression,
            finding=episode.finding,
            episode=episode,
            from_at=start,
            until_at=until,
            judged=judged_of(episode.finding) if is_judged else {},
        )
        self._begun.append(row)

    def _instant(self, finding: int) -> datetime:
        return self.now if self.since is None else self.since.get(finding, self.now)

    def _until(self, finding: Finding) -> datetime:
        return self.suppression.end_for(finding.severity, settings.SUPPRESSION_DAYS)

    def _write(self) -> None:
        rows = SuppressedFinding.objects
        rows.bulk_create(
            self._begun,
            update_conflicts=True,
            unique_fields=["suppression", "episode", "from_at"],
            update_fields=["until_at"],
            batch_size=500,
        )
        rows.bulk_update(self._moved, ["until_at"], batch_size=500)
        suppression_events_append(self.cursor, self._events)

    def _event(
        self,
        kind: SuppressionEvent.Kind,
        *,
        finding: Finding | None = None,
        account: int | None = None,
    ) -> None:
        event = SuppressionEvent(
            suppression=self.suppression,
            kind=kind,
            at=self.now,
            finding=finding,
            account_id=finding.account_id if finding else account,
        )
        self._events.append(event)

    def _ask_again(self) -> None:
        """The same request, for as many findings as match now; without one where none does."""
        before, matching = self.suppression, findings_selected(self.suppression).count()
        if not matching or before.ends_at <= self.now:
            return
        again = Suppression.objects.create(
            **{name: getattr(before, name) for name in ASKED_AGAIN},
            maximum=None if before.is_of_one_finding else max(matching, before.maximum or 1),
            asked_at=self.now,
            renews=before,
        )
        event = SuppressionEvent(suppression=again, kind=Kind.ASKED, at=self.now)
        self._events.append(event)


ASKED_AGAIN = (
    "organization",
    "kind",
    "finding",
    "episode",
    "check_id",
    "ou",
    "account",
    "tag_key",
    "tag_value",
    "region",
    "resource",
    "reason",
    "origin",
    "starts_at",
    "ends_at",
    "compensating_check",
    "asked_by",
)


def judged_of(finding: Finding) -> dict[str, object]:
    """What a decision on a false positive looked at."""
    return {
        "version": finding.check_version,
        "message": finding.message,
        "parts": finding.parts,
    }


def coverage_end(suppression: Suppression, *, now: datetime) -> None:
    """Let it cover nothing from now on; what it covered before stays told."""
    rows = SuppressedFinding.objects.filter(suppression=suppression).not_over(now)
    rows.filter(from_at__gt=now).update(until_at=F("from_at"))
    rows.filter(from_at__lte=now).update(until_at=now)


def compensation_of(suppression: Suppression, now: datetime) -> Compensation:
    """How its compensating check stands in the accounts of what it matches."""
    if not suppression.compensating_check:
        return Compensation()
    selected = findings_selected(suppression).order_by()
    accounts = list(selected.values_list("account_id", flat=True).distinct())
    return compensation_in(suppression.compensating_check, accounts)
