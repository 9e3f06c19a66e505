"""Scores and levels: how well a scope does, over what is known of it. Pure and exact.

A check counts by its severity and by the share of its known results that pass, however many there
are; an attestation counts as a passing check of the risk of its practice, times its weight. What is
unknown never moves the score; it lowers the coverage that is told beside it. What fails and is
suppressed is known, and neither gains nor loses. See docs/scoring.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from findings.catalogue.pillar import Severity

WEIGHTS = {
    Severity.CRITICAL: 10,
    Severity.HIGH: 5,
    Severity.MEDIUM: 2,
    Severity.LOW: 1,
    Severity.INFORMATIONAL: 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How the results of one check count in a scope; those that do not apply are left out."""

    check: str
    severity: Severity
    passed: int = 0
    failed: int = 0
    unknown: int = 0
    suppressed: int = 0
    """They fail, by an approved decision; not in ``failed``."""

    @property
    def counted(self) -> int:
        """What the score is of."""
        return self.passed + self.failed

    @property
    def known(self) -> int:
        return self.counted + self.suppressed

    @property
    def results(self) -> int:
        return self.known + self.unknown

    @property
    def is_met(self) -> bool:
        """Everything is known and passes; to suppress a failure is not to pass."""
        return self.passed == self.results


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """What is stated about a practice in a scope; ``weight`` is between 0 (nothing) and 1.

    A practice that no check covers is unknown as far as nothing is stated about it.
    """

    practice: str
    risk: Severity
    weight: Fraction
    is_covered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Percent of what is known, and percent that is known; None where there is nothing of it."""

    value: Fraction | None
    coverage: Fraction | None


@dataclass(frozen=True, slots=True)
class _Part:
    gained: Fraction
    known: Fraction
    """The most that could be gained."""
    covered: Fraction
    asked: Fraction
    """The most that could be covered."""


def score_of(items: Iterable[Judged | Attested]) -> Score:
    parts = [_judged(item) if isinstance(item, Judged) else _attested(item) for item in items]
    return Score(
        value=_percent(sum(p.gained for p in parts), sum(p.known for p in parts)),
        coverage=_percent(sum(p.covered for p in parts), sum(p.asked for p in parts)),
    )


def _judged(item: Judged) -> _Part:
    weight, nothing = Fraction(WEIGHTS[item.severity]), Fraction(0)
    if not item.results:
        return _Part(nothing, nothing, nothing, nothing)
    covered = weight * item.known / item.results
    if not item.counted:
        return _Part(nothing, nothing, covered, weight)
    return _Part(weight * item.passed / item.counted, weight, covered, weight)


def _attested(item: Attested) -> _Part:
    most = Fraction(WEIGHTS[item.risk])
    stated = most * item.weight
    return _Part(stated, stated, stated, stated if item.is_covered else most)


def _percent(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(100) * part / whole if whole else None


def rounded(percent: Fraction | None) -> Decimal | None:
    """To a tenth, downwards: only what is whole is shown as 100."""
    return None if percent is None else Decimal(percent * 10 // 1).scaleb(-1)


class Level(StrEnum):
    """Each includes the ones before it."""

    FOUNDATION = "foundation"
    MANAGED = "managed"
    OPTIMIZED = "optimized"


MUST = {
    Level.FOUNDATION: (Severity.CRITICAL, Severity.HIGH),
    Level.MANAGED: (Severity.MEDIUM,),
    Level.OPTIMIZED: (Severity.LOW,),
}
"""The severities whose checks must pass for a level, besides those of the levels before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The level reached, the next one if there is any, and the checks that it still lacks."""

    level: Level | None
    next: Level | None
    missing: tuple[Judged, ...]


def reached_by(checks: Iterable[Judged]) -> Reached:
    """A level is reached when every result of its checks is known and passes.

    What does not apply asks for nothing; but where nothing was judged, no level is reached.
    """
    judged = [item for item in checks if item.results]
    level: Level | None = None
    for step, severities in MUST.items():
        missing = [j for j in judged if j.severity in severities and not j.is_met]
        if missing or not judged:
            ordered = sorted(missing, key=lambda item: (item.severity.rank, item.check))
            return Reached(level=level, next=step, missing=tuple(ordered))
        level = step
    return Reached(level=level, next=None, missing=())
