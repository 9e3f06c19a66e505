"""What ran in Automation, at one account or many, by the document that ran."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from findings.checks.context import Context
from findings.checks.outcomes import Outcome, failed, passed, unknown
from findings.facts.base import Gap, GapReason, Listing, NotCollected
from findings.facts.ssm import AutomationExecution, AutomationHistory, Document

FORGOTTEN = Gap(
    kind=AutomationHistory.kind,
    reason=GapReason.NO_LONGER_KEPT,
    operation="ssm:DescribeAutomationExecutions",
)


@dataclass
class Automations:
    """Executions by the name of their document; put together once for all documents."""

    by_document: dict[str, list[AutomationExecution]] = field(
        default_factory=lambda: defaultdict(list)
    )
    gaps: list[Gap] = field(default_factory=list)
    known_for: timedelta = timedelta.max
    """Of the region that AWS knows the shortest time of."""
    unknown_times: list[Gap] = field(default_factory=list)
    """Why it is not known of some region how long it is known."""


def automations_of(listings: Iterable[Listing[AutomationHistory]]) -> Automations:
    found = Automations()
    for listing in listings:
        found.gaps += listing.gaps
        for history in listing.known:
            _add(found, history)
    return found


def _add(found: Automations, history: AutomationHistory) -> None:
    try:
        for execution in history.executions:
            found.by_document[execution.document_name].append(execution)
    except NotCollected as missing:
        found.gaps += missing.gaps
    try:
        found.known_for = min(found.known_for, history.known_for)
    except NotCollected as missing:
        found.unknown_times += missing.gaps


def rehearsal_of(document: Document, automations: Automations, context: Context) -> Outcome:
    """Whether a runbook succeeded within ``max_age_days``; what AWS forgot is unknown."""
    executions = automations.by_document.get(document.name, ())
    succeeded = max((e.started_at for e in executions if e.status == "Success"), default=None)
    if succeeded and context.within(succeeded, days=context.max_age_days):
        return passed(f"rehearsed on {succeeded:%Y-%m-%d}")
    if automations.gaps:
        return unknown(*automations.gaps)
    if any(execution.status in ("Failed", "TimedOut") for execution in executions):
        return failed("every execution that AWS still knows failed")
    if automations.unknown_times:
        return unknown(*automations.unknown_times)
    if automations.known_for >= timedelta(days=context.max_age_days):
        return failed(f"no successful execution in {context.max_age_days:g} days")
    return unknown(FORGOTTEN)
