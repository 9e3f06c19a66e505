"""Writes what evaluations decided about findings: their rows, episodes and events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models

from findings.checks.base import Definition, Result
from findings.checks.outcomes import Status
from findings.fingerprints import fingerprint
from findings.lifecycle import Decision, Move, Outcome, told_parts
from findings.models import CloseCause, Episode, Finding, FindingEvent, OpenCause, Scan, Workflow
from findings.services.events import events_append
from findings.services.openings import (
    BASELINE_GRACE,
    Background,
    Key,
    open_cause,
    predecessors,
)
from findings.services.statuses import Home

Kind = FindingEvent.Kind
_FINDING_FIELDS = [
    "check_id",
    "fingerprint",
    "check_version",
    "severity",
    "severity_rank",
    "row",
    "evidence_status",
    "message",
    "parts",
    "is_open",
    "opened_at",
    "changed_at",
    "facts_at",
    "unverified_since",
    "shard",
]
EPISODE_FIELDS = ["closed_at", "close_cause", "closed_by", "workflow", "claimed_at"]


@dataclass(frozen=True, slots=True)
class Thing:
    """What a finding is about: a resource, or the whole place."""

    home: Home
    resource: str


@dataclass(frozen=True, kw_only=True)
class Sight:
    """Results of checks over certain evidence, and how old the oldest of it is at each place."""

    results: Sequence[tuple[Home, Result]]
    facts_at: Mapping[Home, datetime]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What one evaluation said, and of what."""

    organization_id: int
    scan: Scan | None
    now: datetime
    homes: Mapping[Home, Definition]
    """Every place at which each check was evaluated, also those without a result."""
    seen: Sight
    earlier: Sight | None
    """What a scan that is committed late had seen before; it counts where ``seen`` is unknown."""
    shards: Mapping[tuple[int, str], int]
    """Pk of the account and region -> the shard whose evidence it was."""
    background: Background


class FindingWriter:
    """Collects what changes, then writes it in a few statements."""

    def __init__(self, judgement: Judgement) -> None:
        self._of = judgement
        self._saved: list[Finding] = []
        self._closing: list[tuple[Finding, str]] = []
        self._returning: list[Finding] = []
        self._opening: list[tuple[Finding, OpenCause]] = []
        self._events: list[FindingEvent] = []

    def take(
        self, thing: Thing, finding: Finding | None, decision: Decision, seen: Outcome
    ) -> None:
        """Prepare one decision."""
        move = decision.move
        if move is Move.NOTHING:
            return
        if finding is None:
            self._open(self._new_finding(thing, seen), self._cause(thing), seen)
        elif move is Move.OPEN:
            self._open(finding, OpenCause(decision.cause), seen)
        elif move is Move.DOUBT:
            finding.unverified_since = self._of.now
            self._saved.append(finding)
        else:
            self._move_known(finding, decision, seen)

    def _move_known(self, finding: Finding, decision: Decision, seen: Outcome) -> None:
        before = {"message": finding.message, "severity": finding.severity}
        self._record(finding, seen)
        if decision.move not in (Move.CONFIRM, Move.REFRESH):
            self._mark_change(finding)
        if decision.move is Move.CLOSE:
            finding.is_open = False
            self._closing.append((finding, decision.cause))
        elif decision.move is Move.RETURN:
            finding.is_open = True
            self._returning.append(finding)
        elif decision.move is Move.CHANGE:
            after = {"message": finding.message, "severity": finding.severity}
            self._event(finding, None, Kind.CHANGED, before=before, after=after)
        self._saved.append(finding)

    def _record(self, finding: Finding, seen: Outcome) -> None:
        """What the machine saw; a thing that is gone keeps the words of when it was there."""
        finding.evidence_status = seen.evidence_status
        finding.facts_at = seen.facts_at
        in_doubt = seen.is_doubted and seen.status is Status.FAIL
        finding.unverified_since = self._of.now if in_doubt else None
        if seen.status is not None:
            finding.message = seen.message
            finding.parts = told_parts(seen.parts)
            definition = self._of.homes[thing_of(finding).home]
            finding.check_version = definition.check.version
            finding.severity = definition.check.severity.value
            finding.severity_rank = definition.check.severity.rank
            finding.row = definition.check.row.value

    def _mark_change(self, finding: Finding) -> None:
        finding.changed_at = self._of.now
        finding.shard_id = self._of.shards.get((finding.account_id, finding.region))

    def _new_finding(self, thing: Thing, seen: Outcome) -> Finding:
        return Finding(
            fingerprint=fingerprint_of(thing, self._of),
            organization_id=self._of.organization_id,
            account_id=thing.home.account,
            region=thing.home.region,
            check_id=thing.home.check,
            resource=thing.resource,
        )

    def _cause(self, thing: Thing) -> OpenCause:
        return open_cause(
            definition=self._of.homes[thing.home],
            account=thing.home.account,
            region=thing.home.region,
            resource=thing.resource,
            background=self._of.background,
        )

    def _open(self, finding: Finding, cause: OpenCause, seen: Outcome) -> None:
        self._record(finding, seen)
        self._mark_change(finding)
        finding.is_open = True
        finding.opened_at = self._of.now
        self._opening.append((finding, cause))
        if finding.pk is not None:
            self._saved.append(finding)

    def write(self) -> None:
        upsert(Finding, self._saved, _FINDING_FIELDS)
        Finding.objects.bulk_create(
            [finding for finding, _ in self._opening if finding.pk is None], batch_size=500
        )
        self._close_episodes()
        self._return_episodes()
        self._open_episodes()
        events_append(organization_id=self._of.organization_id, events=self._events)

    def _close_episodes(self) -> None:
        if not self._closing:
            return
        causes = {finding.pk: (finding, cause) for finding, cause in self._closing}
        episodes = list(Episode.objects.filter(finding__in=causes, closed_at=None))
        for episode in episodes:
            finding, cause = causes[episode.finding_id]
            episode_close(episode, CloseCause(cause), scan=self._of.scan, now=self._of.now)
            self._event(finding, episode, Kind.CLOSED, cause=cause)
        upsert(Episode, episodes, EPISODE_FIELDS)

    def _return_episodes(self) -> None:
        """A finding that comes back into scope goes on with its last episode."""
        findings = {finding.pk: finding for finding in self._returning}
        last = last_episodes(findings)
        for episode in last.values():
            episode.closed_at, episode.close_cause, episode.closed_by = None, "", None
            self._event(findings[episode.finding_id], episode, Kind.RETURNED)
        upsert(Episode, list(last.values()), EPISODE_FIELDS)

    def _open_episodes(self) -> None:
        if not self._opening:
            return
        last = last_episodes(finding.pk for finding, _ in self._opening)
        fresh = [key_of(f) for f, cause in self._opening if cause is OpenCause.NEW_RESOURCE]
        candidates = predecessors(keys=fresh, now=self._of.now)
        episodes = [
            self._episode(finding, cause, last.get(finding.pk), candidates)
            for finding, cause in self._opening
        ]
        Episode.objects.bulk_create(episodes, batch_size=500)
        for (finding, cause), episode in zip(self._opening, episodes, strict=True):
            self._event(finding, episode, Kind.OPENED, cause=cause)

    def _episode(
        self,
        finding: Finding,
        cause: OpenCause,
        last: Episode | None,
        candidates: Mapping[Key, list[Episode]],
    ) -> Episode:
        is_baseline = finding.account_id in self._of.background.baselines
        clock = self._of.now + (BASELINE_GRACE if is_baseline else timedelta())
        predecessor = None
        if cause is OpenCause.NEW_RESOURCE and candidates.get(key_of(finding)):
            predecessor = _inherited(finding, candidates[key_of(finding)])
            clock = predecessor.clock_starts_at
        return Episode(
            finding=finding,
            number=last.number + 1 if last else 1,
            opened_at=self._of.now,
            open_cause=cause,
            clock_starts_at=clock,
            is_baseline=is_baseline,
            predecessor=predecessor,
            opened_by=self._of.scan,
        )

    def _event(
        self,
        finding: Finding,
        episode: Episode | None,
        kind: FindingEvent.Kind,
        *,
        cause: str = "",
        before: dict[str, str] | None = None,
        after: dict[str, str] | None = None,
    ) -> None:
        self._events.append(
            FindingEvent(
                finding=finding,
                episode=episode,
                kind=kind,
                cause=cause,
                at=self._of.now,
                scan=self._of.scan,
                before=before or {},
                after=after or {},
            )
        )


def episode_close(episode: Episode, cause: CloseCause, *, scan: Scan | None, now: datetime) -> None:
    """End an episode; only a verified fix makes it resolved."""
    episode.closed_at, episode.close_cause, episode.closed_by = now, cause, scan
    if cause is CloseCause.VERIFIED:
        episode.workflow = Workflow.RESOLVED


def last_episodes(findings: Iterable[int | None]) -> dict[int, Episode]:
    """Finding -> its last episode."""
    pks = [pk for pk in findings if pk]
    if not pks:
        return {}
    episodes = Episode.objects.filter(finding__in=pks)
    return {episode.finding_id: episode for episode in episodes.order_by("number")}


def key_of(finding: Finding) -> Key:
    return finding.check_id, finding.account_id, finding.region


def _inherited(finding: Finding, candidates: list[Episode]) -> Episode:
    """The thing's own earlier episode, else the one with the longest clock; given out once."""
    own = next((e for e in candidates if e.finding_id == finding.pk), candidates[0])
    candidates.remove(own)
    return own


def upsert(model: type[models.Model], rows: Sequence[models.Model], fields: list[str]) -> None:
    """Update rows that exist, in one statement for many."""
    if rows:
        model._default_manager.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=fields,
            batch_size=500,
        )


def thing_of(finding: Finding) -> Thing:
    return Thing(Home(finding.account_id, finding.region, finding.check_id), finding.resource)


def fingerprint_of(thing: Thing, judgement: Judgement) -> str:
    return fingerprint(
        check=thing.home.check,
        account=judgement.background.accounts[thing.home.account],
        region=thing.home.region,
        resource=thing.resource,
    )
