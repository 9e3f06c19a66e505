"""What an evaluation does to findings: it opens, changes and closes them, or only doubts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from findings.checks.base import Definition, Result
from findings.checks.outcomes import Status
from findings.lifecycle import Held, Outcome, decide
from findings.models import CloseCause, Episode, EvidenceStatus, Finding
from findings.services.finding_writer import (
    FindingWriter,
    Judgement,
    Sight,
    Thing,
    fingerprint_of,
    thing_of,
)
from findings.services.statuses import Home


def findings_apply(judgement: Judgement) -> None:
    """Bring findings to what an evaluation says; nothing is written where nothing changed."""
    now = _View(judgement.homes, judgement.seen)
    rules = judgement.background.rule_changes()
    before = _View(judgement.homes, judgement.earlier) if judgement.earlier else None
    findings = _held_findings(judgement, [now, *([before] if before else [])])
    writer = FindingWriter(judgement)
    for thing in {**findings, **now.outcomes, **(before.outcomes if before else {})}:
        finding, held = findings.get(thing, (None, None))
        seen = now.of(thing)
        if seen.is_unknown and before:
            seen = replace(before.of(thing), is_doubted=True)
        seen = replace(seen, rule_change=rules.get(thing.home.check, ""))
        writer.take(thing, finding, decide(held, seen), seen)
    writer.write()


class _View:
    """The outcomes that results give, thing by thing."""

    def __init__(self, homes: Mapping[Home, Definition], sight: Sight) -> None:
        self._homes, self._facts_at = homes, sight.facts_at
        self._incomplete: set[Home] = set()
        self._outside: dict[Home, Outcome] = {}
        self.outcomes: dict[Thing, Outcome] = {}
        for home, result in sight.results:
            self._take(home, result)

    def of(self, thing: Thing) -> Outcome:
        """What was seen of a thing; where it was not listed, that.

        Where its check applies to nothing, whether it is still listed does not matter.
        """
        home = thing.home
        return (
            self.outcomes.get(thing)
            or self._outside.get(home)
            or Outcome(
                status=None,
                facts_at=self._facts_at[home],
                is_listing_complete=home not in self._incomplete,
            )
        )

    def _take(self, home: Home, result: Result) -> None:
        """One outcome a thing; of two with one key the worse counts."""
        definition = self._homes[home]
        if definition.check.resource is not None and not result.resource:
            self._take_rest(home, definition, result)
            return
        thing = Thing(home, result.resource)
        known = self.outcomes.get(thing)
        if known is None or _badness(result.status) > _badness(known.status):
            self.outcomes[thing] = self._outcome(home, definition, result)

    def _take_rest(self, home: Home, definition: Definition, result: Result) -> None:
        """A result of all that has none of its own: it could not be listed, or does not apply."""
        if result.status is Status.UNKNOWN:
            self._incomplete.add(home)
        else:
            self._outside[home] = self._outcome(home, definition, result)

    def _outcome(self, home: Home, definition: Definition, result: Result) -> Outcome:
        return Outcome(
            status=result.status,
            facts_at=self._facts_at[home],
            message=result.message,
            parts=result.parts,
            version=definition.check.version,
            severity=definition.check.severity.value,
            is_moving=definition.reads_volatile,
        )


def _badness(status: Status | None) -> int:
    order = [None, Status.NOT_APPLICABLE, Status.PASS, Status.UNKNOWN, Status.FAIL]
    return order.index(status)


def _held_findings(judgement: Judgement, views: list[_View]) -> dict[Thing, tuple[Finding, Held]]:
    """The findings that an evaluation may move: open, out of scope, or failing again."""
    at_homes = Finding.objects.filter(
        account__in={home.account for home in judgement.homes},
        region__in={home.region for home in judgement.homes},
        check_id__in={home.check for home in judgement.homes},
    )
    current = at_homes.filter(Q(is_open=True) | Q(evidence_status=EvidenceStatus.NOT_APPLICABLE))
    found = {thing_of(finding): finding for finding in current}
    failing = [
        fingerprint_of(thing, judgement)
        for view in views
        for thing, outcome in view.outcomes.items()
        if outcome.status is Status.FAIL and thing not in found
    ]
    for start in range(0, len(failing), 500):
        again = Finding.objects.filter(fingerprint__in=failing[start : start + 500])
        found |= {thing_of(finding): finding for finding in again}
    found = {thing: finding for thing, finding in found.items() if thing.home in judgement.homes}
    ends = _ends(finding.pk for finding in found.values() if not finding.is_open)
    return {thing: (f, held_of(f, ends.get(f.pk, STILL_OPEN))) for thing, f in found.items()}


STILL_OPEN = ("", None)


def _ends(findings: Iterable[int]) -> dict[int, tuple[str, datetime | None]]:
    """Finding -> how and when its last episode closed."""
    pks = list(findings)
    if not pks:
        return {}
    episodes = Episode.objects.filter(finding__in=pks).order_by("number")
    rows = episodes.values_list("finding", "close_cause", "closed_at")
    return {finding: (cause, closed_at) for finding, cause, closed_at in rows}


def held_of(finding: Finding, end: tuple[str, datetime | None] = STILL_OPEN) -> Held:
    """A finding as it stands; of a closed one with the cause and time of its close."""
    close_cause, closed_at = end
    by_rule = close_cause in (CloseCause.OUT_OF_SCOPE, CloseCause.CHECK_CHANGED)
    return Held(
        passed_by_rule=by_rule and finding.changed_at == closed_at,
        is_open=finding.is_open,
        evidence_status=finding.evidence_status,
        facts_at=finding.facts_at,
        is_unverified=finding.unverified_since is not None,
        close_cause=close_cause,
        message=finding.message,
        parts=tuple(finding.parts),
        version=finding.check_version,
        severity=finding.severity,
    )
