"""What CloudTrail tells of the changes of a stack."""

from __future__ import annotations

from datetime import timedelta

from findings.checks.context import Context
from findings.facts.base import Facts, Gap, GapReason, NotCollected
from findings.facts.cloudformation import Stack
from findings.facts.cloudtrail_changes import StackChange, StackChanges

OF_A_STACK_SET = "StackSet-"
FORGOTTEN = Gap(
    kind=StackChanges.kind, reason=GapReason.NO_LONGER_KEPT, operation="cloudtrail:LookupEvents"
)


def why_nobody_deploys(stack: Stack, context: Context) -> str | None:
    """Why it is no stack of production that people or pipelines deploy; None if it is one."""
    if stack.is_nested:
        return "nested: its root is deployed"
    if stack.name.startswith(OF_A_STACK_SET):
        return "managed by a stack set"
    if stack.is_under_review:
        return "nothing is deployed yet"
    if not context.is_production() and not context.is_production(stack.tags):
        return "not in production"
    return None


def changes_of(stack: Stack, facts: Facts, context: Context, days: float) -> list[StackChange]:
    """Its changes of the last so many days, oldest first."""
    history = facts.of(StackChanges).get(facts.place.region)
    changes = history.changes if history else ()
    return [c for c in changes if c.is_of(stack) and context.within(c.at, days=days)]


def require_all_of(facts: Facts, days: float) -> None:
    """Raise NotCollected unless all changes of so many days are known."""
    history = facts.of(StackChanges).get(facts.place.region)
    if history is None or history.known_for < timedelta(days=days):
        raise NotCollected(FORGOTTEN)
