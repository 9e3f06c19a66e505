"""E1: pipelines run through."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import Days, Hours
from findings.facts.base import Facts, not_told
from findings.facts.codepipeline import DisabledTransition, Execution, PipelineActivity

IDLE_DAYS = 90
"""A pipeline that did not run for so long is no longer in use."""

ENDED = {"Succeeded", "Superseded", "Stopped", "Cancelled", "Skipped"}
RUNNING = {"InProgress", "Stopping"}


@Check(
    title="Keep pipelines running: no stalled, failed or disabled stage",
    row=Row.DELIVERY,
    resource=PipelineActivity,
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP04", "OPS08-BP04"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(
        Hours("max_hours", 72),
        Days("max_failed_days", 2),
        Days("max_disabled_days", 14),
    ),
    not_applicable_when="The pipeline has no execution in 90 days.",
    remediation="Retry or roll back the stage that failed or stalled, and enable the transition"
    " again or write down why it stays disabled.",
    cli=(
        "aws codepipeline list-pipeline-executions --pipeline-name PIPELINE",
        "aws codepipeline retry-stage-execution --pipeline-name PIPELINE --stage-name STAGE"
        " --pipeline-execution-id EXECUTION_ID --retry-mode FAILED_ACTIONS",
        "aws codepipeline enable-stage-transition --pipeline-name PIPELINE"
        " --stage-name STAGE --transition-type Inbound",
    ),
)
def codepipeline_execution_healthy(
    activity: PipelineActivity, facts: Facts, context: Context
) -> Outcome:
    newest = activity.newest
    is_recent = newest is not None and context.within(newest.updated_at, days=IDLE_DAYS)
    if not is_recent and not activity.in_progress:
        return not_applicable(f"it has no execution in {IDLE_DAYS} days")
    return all_of(
        part("nothing stalled", lambda: every(activity.in_progress, lambda e: _moves(e, context))),
        part("newest not failed", lambda: _has_not_failed(newest, context)),
        part(
            "transitions enabled",
            lambda: every(activity.disabled_transitions, lambda t: _is_excused(t, context)),
        ),
    )


def _moves(execution: Execution, context: Context) -> Outcome:
    return outcome(
        context.within(execution.started_at, hours=context.max_hours),
        f"{execution.id} is in progress since {execution.started_at:%Y-%m-%d %H:%M} UTC",
    )


def _has_not_failed(newest: Execution | None, context: Context) -> Outcome:
    if newest is None or newest.status in ENDED | RUNNING:
        return passed()
    if newest.status != "Failed":
        operation = "codepipeline:ListPipelineExecutions"
        return unknown(not_told(PipelineActivity.kind, operation, f"status {newest.status}"))
    return outcome(
        context.within(newest.updated_at, days=context.max_failed_days),
        f"the newest execution failed {newest.updated_at:%Y-%m-%d}",
    )


def _is_excused(transition: DisabledTransition, context: Context) -> Outcome:
    since = transition.since
    if since is None or not transition.reason:
        return failed(f"the way into {transition.stage} is closed, and nobody said why")
    return outcome(
        context.within(since, days=context.max_disabled_days),
        f"the way into {transition.stage} is closed since {since:%Y-%m-%d}",
    )
