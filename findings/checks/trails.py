"""What the checks of trails have in common."""

from __future__ import annotations

from findings.checks.outcomes import Outcome, failed, not_applicable, passed
from findings.facts.cloudtrail import Trail


def free_of(error: str | None) -> Outcome:
    return passed() if error is None else failed(error)


def judged_at_home(trail: Trail) -> Outcome:
    return not_applicable(f"it is judged in {trail.home_region} of account {trail.owner}")
