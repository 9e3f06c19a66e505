"""E3: how well changes get to production, by the figures of DORA."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, not_applicable, outcome, unknown
from findings.checks.parameters import PRODUCTION, Count, Days, Hours, Percent
from findings.checks.production_changes import FORGOTTEN, History, history_of, provenance
from findings.checks.production_steps import PRODUCTION_STAGE
from findings.dora import Figure, change_failure_rate, lead_time
from findings.facts.base import Facts
from findings.facts.codepipeline import Pipeline, PipelineActivity, PipelineDeployments

NOT_TO_PRODUCTION = "no stage of the pipeline deploys to production"


@Check(
    title="Move a commit to production quickly",
    row=Row.FEEDBACK,
    resource=PipelineDeployments,
    needs=(Pipeline, PipelineActivity),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP09", "OPS09-BP01"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.REFINE_PROCEDURES),
    parameters=(
        Days("window_days", 90),
        Hours("max_hours", 168),
        Count("min_samples", 5),
        PRODUCTION_STAGE,
        PRODUCTION,
    ),
    not_applicable_when="The pipeline does not deploy to production, or did so successfully fewer"
    " than min_samples times in the window.",
    alternatives=(Tool.DELIVERY,),
    remediation="Look at what takes longest between commit and production: waiting in a queue,"
    " approvals or tests; make changes smaller so that each waits less.",
    cli=(
        "aws codepipeline list-pipeline-executions --pipeline-name PIPELINE",
        "aws codepipeline list-action-executions --pipeline-name PIPELINE"
        " --filter pipelineExecutionId=EXECUTION_ID",
    ),
)
def dora_lead_time_for_changes(
    deployments: PipelineDeployments, facts: Facts, context: Context
) -> Outcome:
    history = history_of(deployments, facts.of(Pipeline), facts.of(PipelineActivity), context)
    if history is None:
        return not_applicable(NOT_TO_PRODUCTION)
    figure = lead_time(history.changes, history.window)
    return _judged(figure, context.max_hours, context.min_samples, history, context)


@Check(
    title="Keep the share of failed changes low",
    row=Row.FEEDBACK,
    resource=PipelineDeployments,
    needs=(Pipeline, PipelineActivity),
    severity=Severity.HIGH,
    best_practices=("OPS06-BP01", "OPS09-BP01", "OPS11-BP02"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(
        Days("window_days", 90),
        Percent("max_percent", 15),
        Count("min_changes", 5),
        PRODUCTION_STAGE,
        PRODUCTION,
    ),
    not_applicable_when="The pipeline does not deploy to production, or tried to fewer than"
    " min_changes times in the window.",
    alternatives=(Tool.DELIVERY,),
    remediation="For each change that failed add the test that would have found it before"
    " production, and shift traffic gradually, so that a bad change reaches few.",
    cli=(
        "aws codepipeline list-pipeline-executions --pipeline-name PIPELINE",
        "aws codepipeline list-action-executions --pipeline-name PIPELINE"
        " --filter pipelineExecutionId=EXECUTION_ID",
    ),
)
def dora_change_failure_rate(
    deployments: PipelineDeployments, facts: Facts, context: Context
) -> Outcome:
    history = history_of(deployments, facts.of(Pipeline), facts.of(PipelineActivity), context)
    if history is None:
        return not_applicable(NOT_TO_PRODUCTION)
    figure = change_failure_rate(history.changes, history.rollbacks, history.window)
    return _judged(figure, context.max_percent, context.min_changes, history, context)


def _judged(
    figure: Figure, most: float, least: float, history: History, context: Context
) -> Outcome:
    """Not applicable with too few changes, unless less than the window is known."""
    if figure.n < least and history.is_short:
        return unknown(FORGOTTEN)
    days = f"{context.window_days:g} days"
    since = f"since {history.window.since:%Y-%m-%d}" if history.is_short else f"in {days}"
    kept = provenance([history.kept_since])
    if figure.value is None or figure.n < least:
        return not_applicable(f"{figure.n} changes {since}{kept}")
    told = f"{figure.value:.0f} {figure.method}; {figure.n} changes {since}{kept}"
    return outcome(figure.value <= most, told)
