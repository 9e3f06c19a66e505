"""What pipelines brought to production, as the figures of DORA count it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from findings.checks.context import Context
from findings.checks.production_steps import production_steps, steps_of
from findings.dora import Change, Window
from findings.facts.base import Gap, GapReason, Listing, NotCollected, not_supplied, not_told
from findings.facts.codepipeline import (
    ActionRun,
    Pipeline,
    PipelineActivity,
    PipelineDeployments,
)

UNDECIDED = {"InProgress", "Abandoned"}
OPERATION = "codepipeline:ListActionExecutions"
FORGOTTEN = Gap(kind=PipelineDeployments.kind, reason=GapReason.NO_LONGER_KEPT, operation=OPERATION)


@dataclass(frozen=True, kw_only=True)
class History:
    """The changes of the window that have ended, and when production was taken back.

    ``attempts`` are all that is known since ``known_from``, rollbacks too, of which
    ``rolling_back`` are the ids; ``is_short``: less than the window is known. ``kept_since`` is
    since when the portal's own history tells the part of the window that AWS does not.
    """

    changes: list[Change]
    attempts: list[Change]
    rollbacks: list[datetime]
    rolling_back: frozenset[str]
    known_from: datetime
    window: Window
    is_short: bool
    kept_since: datetime | None


def history_of(
    deployments: PipelineDeployments,
    pipelines: Listing[Pipeline],
    activities: Listing[PipelineActivity],
    context: Context,
) -> History | None:
    """The last ``window_days`` of a pipeline; None where it does not deploy to production."""
    pipeline = pipelines.get(deployments.pipeline)
    activity = activities.get(deployments.pipeline)
    if pipeline is None or activity is None:
        missing = Pipeline if pipeline is None else PipelineActivity
        raise NotCollected(not_supplied(missing.kind))
    steps = production_steps(list(steps_of(pipeline)), context)
    if not steps:
        return None
    names = {(step.stage, step.action.name) for step in steps}
    runs = [run for run in deployments.runs if (run.stage, run.action) in names]
    executions = {run.execution for run in runs}
    rollbacks = {e.id: e.started_at for e in activity.rollbacks if e.id in executions}
    changes = changes_of(run for run in runs if run.execution not in rollbacks)
    known_from = max(
        deployments.known_from, activity.rollbacks_known_from or deployments.known_from
    )
    told_since = max(
        deployments.told_since or deployments.known_from,
        activity.told_since or activity.rollbacks_known_from or deployments.known_from,
    )
    start = context.now - timedelta(days=context.window_days)
    return History(
        changes=[c for c in changes if context.within(c.ended_at, days=context.window_days)],
        attempts=list(changes_of(runs)),
        rollbacks=sorted(rollbacks.values()),
        rolling_back=frozenset(rollbacks),
        known_from=known_from,
        window=Window(since=max(start, known_from), until=context.now),
        is_short=not context.is_due_within(known_from, days=-context.window_days),
        kept_since=kept_since(known_from, told_since, context),
    )


def kept_since(known_from: datetime, told_since: datetime, context: Context) -> datetime | None:
    """Since when the portal's own history tells; None where AWS tells the whole window."""
    is_needed = told_since > context.now - timedelta(days=context.window_days)
    return known_from if is_needed and known_from < told_since else None


def provenance(since: Iterable[datetime | None]) -> str:
    """The end of a message that says what of it AWS did not tell any more."""
    first = min((instant for instant in since if instant), default=None)
    return f"; in part by the portal's own history, since {first:%Y-%m-%d}" if first else ""


def changes_of(runs: Iterable[ActionRun]) -> Iterator[Change]:
    """One change an execution: it succeeded where the last attempt of each action did.

    AWS tells of every attempt of an action that was retried. What is in progress or was abandoned
    has neither succeeded nor failed.
    """
    by_execution: dict[str, list[ActionRun]] = defaultdict(list)
    for run in runs:
        by_execution[run.execution].append(run)
    for execution, found in by_execution.items():
        if strange := {run.status for run in found} - {"Succeeded", "Failed"} - UNDECIDED:
            told = f"status {min(strange)}"
            raise NotCollected(not_told(PipelineDeployments.kind, OPERATION, told))
        succeeded = {run.status for run in _last_attempts(found)} == {"Succeeded"}
        failed_at = min((run.ended_at for run in found if run.status == "Failed"), default=None)
        if succeeded or failed_at is not None:
            yield Change(
                id=execution,
                began_at=min(run.execution_began_at for run in found),
                ended_at=max(run.ended_at for run in found),
                succeeded=succeeded,
                committed_at=found[0].committed_at,
                failed_at=failed_at,
            )


def _last_attempts(runs: Iterable[ActionRun]) -> Iterable[ActionRun]:
    in_order = sorted(runs, key=lambda run: (run.ended_at, run.status))
    return {(run.stage, run.action): run for run in in_order}.values()
