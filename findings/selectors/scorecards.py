"""Scorecards: how accounts stand by phase, row, question and principle, as score and level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from accounts.models import Account
from findings.catalogue.best_practices import best_practices
from findings.catalogue.pillar import Phase, Principle, Row, Severity
from findings.checks.base import Definition, Registry
from findings.models import Attestation
from findings.models.places import reaches
from findings.scoring import Attested, Judged, Reached, Score, reached_by, score_of
from findings.selectors.standing import Counts, total

Weights = Mapping[str, Fraction]
"""Best practice -> how much what is stated about it counts, where it counts at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a scorecard; ``attested`` is the number of practices that are."""

    counts: Counts
    attested: int
    score: Score
    reached: Reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """All cuts of one scope; questions by their id, such as OPS08."""

    total: Line
    phases: Mapping[Phase, Line]
    rows: Mapping[Row, Line]
    questions: Mapping[str, Line]
    principles: Mapping[Principle, Line]


@dataclass(frozen=True, slots=True)
class _Cut:
    """The checks of a cut, and the practices whose statements count in it."""

    checks: tuple[Definition, ...]
    practices: tuple[str, ...]


class Scoring:
    """What the checks of a registry mean for scores; made once for many scopes."""

    def __init__(self, registry: Registry) -> None:
        checks = list(registry.values())
        self._covered = _practices_of(checks)
        self.total = _Cut(tuple(checks), tuple(best_practices()))
        self.rows = {row: _cut(d for d in checks if d.check.row is row) for row in Row}
        self.phases = {
            phase: _cut(d for d in checks if d.check.row.phase is phase) for phase in Phase
        }
        self.principles = {
            one: _cut(d for d in checks if one in d.check.principles) for one in Principle
        }
        self.questions = {one: self._question(one, checks) for one in questions()}

    def _question(self, question: str, checks: Iterable[Definition]) -> _Cut:
        asked = tuple(id_ for id_ in best_practices() if question_of(id_) == question)
        found = tuple(d for d in checks if set(asked) & set(d.check.best_practices))
        return _Cut(found, asked)

    def line(self, cut: _Cut, counts: Mapping[str, Counts], weights: Weights) -> Line:
        """``counts`` by check."""
        judged = [_judged(found, counts[found.id]) for found in cut.checks if found.id in counts]
        attested = [
            self._attested(id_, weights)
            for id_ in cut.practices
            if id_ in weights or id_ not in self._covered
        ]
        return Line(
            counts=total(counts[item.check] for item in judged),
            attested=sum(item.weight > 0 for item in attested),
            score=score_of([*judged, *attested]),
            reached=reached_by(judged),
        )

    def _attested(self, practice: str, weights: Weights) -> Attested:
        return Attested(
            practice=practice,
            risk=Severity(best_practices()[practice].risk),
            weight=weights.get(practice, Fraction(0)),
            is_covered=practice in self._covered,
        )

    def card(self, counts: Mapping[str, Counts], weights: Weights) -> Scorecard:
        return Scorecard(
            total=self.line(self.total, counts, weights),
            phases={key: self.line(cut, counts, weights) for key, cut in self.phases.items()},
            rows={key: self.line(cut, counts, weights) for key, cut in self.rows.items()},
            questions={key: self.line(cut, counts, weights) for key, cut in self.questions.items()},
            principles={
                key: self.line(cut, counts, weights) for key, cut in self.principles.items()
            },
        )


def _cut(checks: Iterable[Definition]) -> _Cut:
    found = tuple(checks)
    return _Cut(found, tuple(_practices_of(found)))


def _practices_of(checks: Iterable[Definition]) -> dict[str, None]:
    return dict.fromkeys(name for found in checks for name in found.check.best_practices)


def _judged(definition: Definition, counts: Counts) -> Judged:
    return Judged(
        check=definition.id,
        severity=definition.check.severity,
        passed=counts.passed,
        failed=counts.failed,
        unknown=counts.unknown,
        suppressed=counts.suppressed,
    )


def question_of(practice: str) -> str:
    """OPS08 of OPS08-BP02."""
    return practice.partition("-")[0]


def questions() -> dict[str, str]:
    """The questions of the pillar by id, in its order."""
    return {question_of(id_): practice.question for id_, practice in best_practices().items()}


def weights_in(
    accounts: Iterable[Account], attestations: Iterable[Attestation], now: datetime
) -> dict[str, Fraction]:
    """How much each practice is attested over accounts: the mean of what reaches each of them.

    Of several statements that reach an account the one that counts most does.
    """
    told = [(row, weight) for row in attestations if (weight := row.weight(now))]
    among, sums = 0, dict[str, Fraction]()
    for account in accounts:
        among += 1
        best: dict[str, float] = {}
        for row, weight in told:
            if reaches(row, account):
                best[row.best_practice] = max(weight, best.get(row.best_practice, 0.0))
        for practice, weight in best.items():
            sums[practice] = sums.get(practice, Fraction(0)) + Fraction(weight)
    return {practice: weight / among for practice, weight in sums.items()}


def statements_of(organizations: Iterable[int], now: datetime) -> list[Attestation]:
    """What counts now in organizations, given by their internal ids."""
    rows = Attestation.objects.filter(organization__in=organizations).not_over(now)
    return list(rows.select_related("ou"))
