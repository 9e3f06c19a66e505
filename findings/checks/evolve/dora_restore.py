"""E3: how quickly production works again after it failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, not_applicable, outcome, unknown
from findings.checks.parameters import PRODUCTION, Days, Hours, Prefixes
from findings.checks.production_changes import (
    FORGOTTEN,
    History,
    history_of,
    kept_since,
    provenance,
)
from findings.checks.production_steps import PRODUCTION_STAGE
from findings.dora import Failure, Window, events_of, failures_of, time_to_restore
from findings.facts.base import Facts, Gap, GapReason, Place, Scope
from findings.facts.cloudwatch import AlarmTransitions
from findings.facts.codepipeline import Pipeline, PipelineActivity, PipelineDeployments

FORGOTTEN_BY_ALARMS = Gap(
    kind=AlarmTransitions.kind,
    reason=GapReason.NO_LONGER_KEPT,
    operation="cloudwatch:DescribeAlarmHistory",
)


@Check(
    title="Restore service quickly after a failed change or alarm",
    row=Row.FEEDBACK,
    scope=Scope.ACCOUNT,
    needs=(AlarmTransitions, Pipeline, PipelineActivity, PipelineDeployments),
    severity=Severity.HIGH,
    best_practices=("OPS10-BP01", "OPS09-BP01", "OPS11-BP02"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(
        Days("window_days", 90),
        Hours("max_hours", 24),
        Prefixes("service_alarm_prefixes", ()),
        PRODUCTION_STAGE,
        PRODUCTION,
    ),
    not_applicable_when="Nothing failed in the window, which is known whole: no alarm whose name"
    " begins with one of service_alarm_prefixes, and no change of production by a pipeline.",
    alternatives=(Tool.INCIDENT_RESPONSE,),
    remediation="Practise taking changes back, and give the alarms that stay red longest a runbook"
    " that says how to get out of them.",
    cli=(
        "aws cloudwatch describe-alarm-history --alarm-name ALARM --history-item-type StateUpdate",
        "aws codepipeline rollback-stage --pipeline-name PIPELINE --stage-name STAGE"
        " --target-pipeline-execution-id EXECUTION_ID",
    ),
)
def dora_time_to_restore(facts: Facts, context: Context) -> Outcome:
    alarms = _known_of_alarms(facts, context)
    if alarms.failures:
        return _judged(alarms, context)
    pipelines = _known_of_pipelines(facts, context)
    if pipelines.failures:
        return _judged(pipelines, context)
    if missing := [*alarms.gaps, *pipelines.gaps]:
        return unknown(*missing)
    kept = provenance([*alarms.kept, *pipelines.kept])
    return not_applicable(f"nothing failed in {context.window_days:g} days{kept}")


@dataclass(frozen=True, kw_only=True)
class _Known:
    """Failures that count; ``gaps`` where less than the window is known."""

    failures: list[Failure]
    gaps: list[Gap]
    kept: list[datetime | None]


def _known_of_alarms(facts: Facts, context: Context) -> _Known:
    """Of the alarms that stand for a service; CloudWatch itself tells of 30 days."""
    chosen = facts.of(AlarmTransitions) if context.service_alarm_prefixes else ()
    alarms = [alarm for alarm in chosen if alarm.alarm.startswith(context.service_alarm_prefixes)]
    failures = [
        failure
        for alarm in alarms
        for failure in failures_of(
            [*((at, False) for at in alarm.alarmed_at), *((at, True) for at in alarm.recovered_at)]
        )
        if _counts(failure, context)
    ]
    is_short = any(
        not context.is_due_within(alarm.known_from, days=-context.window_days) for alarm in alarms
    )
    return _Known(
        failures=failures,
        gaps=[FORGOTTEN_BY_ALARMS] * is_short,
        kept=[
            kept_since(alarm.known_from, alarm.told_since or alarm.known_from, context)
            for alarm in alarms
        ],
    )


def _known_of_pipelines(facts: Facts, context: Context) -> _Known:
    histories = list(_histories(facts, context))
    failures = [
        failure
        for history in histories
        for failure in failures_of(events_of(history.attempts))
        if _counts(failure, context)
    ]
    return _Known(
        failures=failures,
        gaps=[FORGOTTEN] * any(history.is_short for history in histories),
        kept=[history.kept_since for history in histories],
    )


def _histories(facts: Facts, context: Context) -> Iterator[History]:
    for region in facts.regions:
        place = Place(context.account.id, region)
        pipelines, activities = facts.at(Pipeline, place), facts.at(PipelineActivity, place)
        for deployments in facts.at(PipelineDeployments, place):
            history = history_of(deployments, pipelines, activities, context)
            if history is not None:
                yield history


def _counts(failure: Failure, context: Context) -> bool:
    """What was restored in the window, and what is not yet restored, however long."""
    restored = failure.restored_at
    return restored is None or context.within(restored, days=context.window_days)


def _judged(known: _Known, context: Context) -> Outcome:
    """What is not restored yet counts from the moment on at which it has taken too long."""
    failures, kept = known.failures, provenance(known.kept)
    open_ = [failure for failure in failures if failure.restored_at is None]
    overdue = [f for f in open_ if not context.within(f.began_at, hours=context.max_hours)]
    ended = [failure for failure in failures if failure.restored_at is not None]
    counted = [*ended, *(Failure(f.began_at, context.now) for f in overdue)]
    start = context.now - timedelta(days=context.window_days)
    figure = time_to_restore(counted, Window(since=start, until=context.now))
    told = f"{len(ended)} failures restored, {len(open_)} not yet"
    if figure.value is None:
        return outcome(True, f"{told}{kept}")
    limit = f"{context.max_hours:g} hours"
    holds = figure.value <= context.max_hours
    return outcome(holds, f"{told}; in the median {'' if holds else 'not '}within {limit}{kept}")
