"""Gaps for the tables of the checks."""

from findings.facts.base import Gap, GapReason


def denied(fact, operation="x:Y"):
    """The listing of facts like this one was refused."""
    return Gap(
        kind=fact.kind, reason=GapReason.ACCESS_DENIED, operation=operation, code="AccessDenied"
    )
