"""What an evaluation does to findings: it opens, changes and closes them, or only doubts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from findings.checks.base import Definition, Result
from findings.checks.outcomes import Status
from findings.lifecycle import Held, Outcome, decide
from findings.models import Episode, EvidenceStatus, Finding
from findings.services.finding_writer import (
    FindingWriter,
    Judgement,
    Thing,
    fingerprint_of,
    thing_of,
)
from findings.services.statuses import Home


def findings_apply(judgement: Judgement) -> None:
    """Bring findings to what an evaluation says; nothing is written where nothing changed."""
    outcomes = _outcomes(judgement)
    incomplete = {
        home for home, result in judgement.results if _is_listing_gap(home, result, judgement)
    }
    findings = _held_findings(judgement, outcomes)
    writer = FindingWriter(judgement)
    for thing, (finding, held) in findings.items():
        seen = outcomes.get(thing) or _absent(thing.home, incomplete, judgement)
        writer.take(thing, finding, decide(held, seen), seen)
    for thing, seen in outcomes.items():
        if thing not in findings:
            writer.take(thing, None, decide(None, seen), seen)
    writer.write()


def _outcomes(judgement: Judgement) -> dict[Thing, Outcome]:
    """One outcome a thing; of two with one key the worse counts."""
    order = [Status.NOT_APPLICABLE, Status.PASS, Status.UNKNOWN, Status.FAIL]
    found: dict[Thing, Outcome] = {}
    for home, result in judgement.results:
        if _is_listing_gap(home, result, judgement):
            continue
        thing = Thing(home, result.resource)
        outcome = _outcome(result, judgement.homes[home], judgement.facts_at[home])
        other = found.get(thing)
        if other is None or order.index(result.status) > order.index(other.status or Status.PASS):
            found[thing] = outcome
    return found


def _outcome(result: Result, definition: Definition, facts_at: datetime) -> Outcome:
    return Outcome(
        status=result.status,
        facts_at=facts_at,
        message=result.message,
        parts=result.parts,
        version=definition.check.version,
        severity=definition.check.severity.value,
    )


def _is_listing_gap(home: Home, result: Result, judgement: Judgement) -> bool:
    """Whether a result says that the listing of a check's resources is not complete."""
    of_resources = judgement.homes[home].check.resource is not None
    return of_resources and result.status is Status.UNKNOWN and not result.resource


def _absent(home: Home, incomplete: set[Home], judgement: Judgement) -> Outcome:
    return Outcome(
        status=None,
        facts_at=judgement.facts_at[home],
        is_listing_complete=home not in incomplete,
    )


def _held_findings(
    judgement: Judgement, outcomes: Mapping[Thing, Outcome]
) -> dict[Thing, tuple[Finding, Held]]:
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
        for thing, outcome in outcomes.items()
        if outcome.status is Status.FAIL and thing not in found
    ]
    for start in range(0, len(failing), 500):
        again = Finding.objects.filter(fingerprint__in=failing[start : start + 500])
        found |= {thing_of(finding): finding for finding in again}
    found = {thing: finding for thing, finding in found.items() if thing.home in judgement.homes}
    causes = _close_causes(finding.pk for finding in found.values() if not finding.is_open)
    return {thing: (f, held_of(f, causes.get(f.pk, ""))) for thing, f in found.items()}


def _close_causes(findings: Iterable[int]) -> dict[int, str]:
    """Finding -> how its last episode closed."""
    episodes = Episode.objects.filter(finding__in=list(findings)).order_by("number")
    return dict(episodes.values_list("finding", "close_cause"))


def held_of(finding: Finding, close_cause: str = "") -> Held:
    return Held(
        is_open=finding.is_open,
        evidence_status=finding.evidence_status,
        facts_at=finding.facts_at,
        is_unverified=finding.unverified_since is not None,
        close_cause=close_cause,
        told=(finding.message, finding.parts, finding.check_version, finding.severity),
    )
