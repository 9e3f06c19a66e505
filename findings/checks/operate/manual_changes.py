"""O1: production is changed by automation, not by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, Status, not_applicable, outcome
from findings.checks.parameters import PRODUCTION, Count, HoursOfDay, Names, Percent
from findings.facts.base import Facts, Gap, GapReason, Scope
from findings.facts.cloudtrail_activity import ChangesByHand, WriteActivity

TOLD = 3
"""Actors and events that are named in a message."""


@Check(
    title="Make production changes through automation, not by hand",
    row=Row.CHANGE,
    scope=Scope.ACCOUNT,
    needs=(WriteActivity,),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP10", "OPS02-BP05"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.SMALL_REVERSIBLE_CHANGES),
    parameters=(
        HoursOfDay("window_hours", 24),
        Percent("max_percent", 5),
        Count("min_events", 20),
        Names("break_glass_roles", ()),
        PRODUCTION,
    ),
    not_applicable_when="The account is not production, or fewer than min_events changes were made"
    " within window_hours.",
    remediation="Move the manual actions that are most frequent into pipelines or runbooks, and"
    " take write access in production away from people, but for emergencies.",
    cli=(
        "aws cloudtrail lookup-events"
        " --lookup-attributes AttributeKey=ReadOnly,AttributeValue=false",
        "aws cloudtrail lookup-events"
        " --lookup-attributes AttributeKey=Username,AttributeValue=USER",
    ),
)
def change_manual_ratio_within_limit(facts: Facts, context: Context) -> Outcome:
    if not context.is_production(context.account.tags):
        return not_applicable("the account is not production")
    activities = list(facts.of(WriteActivity))
    hours = int(context.window_hours)
    total = sum(sum(activity.writes[:hours]) for activity in activities)
    by_hand = [
        change
        for activity in activities
        for change in activity.by_hand
        if change.hour < hours and not _is_emergency(change, context)
    ]
    manual = sum(change.count for change in by_hand)
    told = f"{manual} of {total} changes by hand{_most_frequent(by_hand)}"
    if any(activity.covered_hours < hours for activity in activities):
        gap = Gap(
            kind=WriteActivity.kind, reason=GapReason.CAPPED, operation="cloudtrail:LookupEvents"
        )
        return Outcome(Status.UNKNOWN, f"a sample: {told}", gaps=(gap,))
    if total < context.min_events:
        return not_applicable(f"only {total} changes in {hours} hours")
    return outcome(manual * 100 <= context.max_percent * total, told)


def _is_emergency(change: ChangesByHand, context: Context) -> bool:
    """Roles are named with wildcards: those of IAM Identity Center end in an id."""
    return any(fnmatchcase(change.actor, role) for role in context.break_glass_roles)


def _most_frequent(by_hand: Sequence[ChangesByHand]) -> str:
    actors: Counter[str] = Counter()
    events: Counter[str] = Counter()
    for change in by_hand:
        actors[change.actor] += change.count
        events[change.event] += change.count
    if not by_hand:
        return ""
    return f"; by {_counted(actors)}; most: {_counted(events)}"


def _counted(found: Counter[str]) -> str:
    """By count, then by name, so that equal ones keep their order."""
    most = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:TOLD]
    return ", ".join(f"{name} ({count})" for name, count in most)
