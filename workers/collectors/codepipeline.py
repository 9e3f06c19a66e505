"""Collectors of CodePipeline: the structure of pipelines, how they run, and what they deployed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from findings.facts.base import Gap
from findings.facts.codepipeline import (
    Action,
    DisabledTransition,
    Execution,
    Pipeline,
    PipelineActivity,
    Stage,
)
from workers.collectors.base import Collector, Response, Session, pick

NEWEST = 100
"""Executions read of each pipeline: one page."""


@Collector(fact=Pipeline, operations=("codepipeline:ListPipelines", "codepipeline:GetPipeline"))
def pipelines(session: Session) -> Iterator[Pipeline]:
    client = session.client("codepipeline")
    place = f"arn:{session.partition}:codepipeline:{session.region}:{session.account}"
    for raw in _listed(session):
        try:
            detail = session.detail(client.get_pipeline, name=raw["name"])
        except client.exceptions.PipelineNotFoundException:
            continue  # it was deleted after it was listed
        yield parse_pipeline(raw, detail, f"{place}:{raw['name']}")


def _listed(session: Session) -> Iterator[Response]:
    return session.items("codepipeline", "list_pipelines", "pipelines")


def parse_pipeline(listed: Response, detail: Response | Gap, arn: str) -> Pipeline:
    stages: Any = pick(detail, "pipeline", "stages", default=())
    repositories: Any = stages
    if not isinstance(stages, Gap):
        repositories = tuple(sorted(set(_repositories(stages))))
        stages = tuple(map(_stage, stages))
    return Pipeline(
        name=listed["name"],
        arn=arn,
        type=listed.get("pipelineType") or pick(detail, "pipeline", "pipelineType"),
        execution_mode=listed.get("executionMode") or pick(detail, "pipeline", "executionMode"),
        stages=stages,
        repositories=repositories,
        polling_disabled_at=pick(detail, "metadata", "pollingDisabledAt"),
    )


def _repositories(stages: Iterable[Response]) -> Iterator[str]:
    for action in (action for stage in stages for action in stage.get("actions") or ()):
        name = pick(action, "configuration", "RepositoryName")
        if name and pick(action, "actionTypeId", "provider") == "CodeCommit":
            yield name


def _stage(raw: Response) -> Stage:
    conditions = pick(raw, "beforeEntry", "conditions", default=())
    rules = [rule for condition in conditions for rule in condition.get("rules") or ()]
    return Stage(
        name=raw["name"],
        actions=tuple(map(_action, raw.get("actions") or ())),
        entry_rules=tuple(pick(rule, "ruleTypeId", "provider", default="") for rule in rules),
        on_failure=pick(raw, "onFailure", "result"),
    )


def _action(raw: Response) -> Action:
    """Of an action's configuration, which may hold secrets, three members are kept."""
    configuration: dict[str, Any] = raw.get("configuration") or {}
    polls = configuration.get("PollForSourceChanges")
    return Action(
        name=raw["name"],
        category=raw["actionTypeId"]["category"],
        owner=raw["actionTypeId"]["owner"],
        provider=raw["actionTypeId"]["provider"],
        run_order=raw.get("runOrder", 1),
        region=raw.get("region"),
        role_arn=raw.get("roleArn"),
        project=configuration.get("ProjectName"),
        mode=configuration.get("ActionMode"),
        polls_source=None if polls is None else str(polls).lower() == "true",
    )


@Collector(
    fact=PipelineActivity,
    operations=(
        "codepipeline:ListPipelines",
        "codepipeline:GetPipelineState",
        "codepipeline:ListPipelineExecutions",
    ),
)
def pipeline_activities(session: Session) -> Iterator[PipelineActivity]:
    client = session.client("codepipeline")
    for raw in _listed(session):
        try:
            state = session.detail(client.get_pipeline_state, name=raw["name"])
            executions = session.detail(
                client.list_pipeline_executions, pipelineName=raw["name"], maxResults=NEWEST
            )
        except client.exceptions.PipelineNotFoundException:
            continue
        yield parse_pipeline_activity(raw["name"], state, executions)


def parse_pipeline_activity(
    name: str, state: Response | Gap, history: Response | Gap
) -> PipelineActivity:
    """Either detail may be missing; the fields read from it are then not collected."""
    stages = pick(state, "stageStates", default=())
    transitions: Any = stages if isinstance(stages, Gap) else _disabled_transitions(stages)
    newest: Any = history
    in_progress: Any = history
    if not isinstance(history, Gap):
        known = [_execution(raw) for raw in history.get("pipelineExecutionSummaries") or ()]
        newest = max(known, key=lambda execution: execution.started_at, default=None)
        in_progress = _in_progress(known, stages if history.get("nextToken") else ())
    rollbacks, known_from = _rollbacks(history)
    return PipelineActivity(
        pipeline=name,
        disabled_transitions=transitions,
        newest=newest,
        in_progress=in_progress,
        rollbacks=rollbacks,
        rollbacks_known_from=known_from,
    )


def _rollbacks(history: Response | Gap) -> tuple[Any, Any]:
    """Executions that took others back, oldest first, and since when they are known."""
    if isinstance(history, Gap):
        return history, history
    page = history.get("pipelineExecutionSummaries") or ()
    found = [_execution(raw) for raw in page if _takes_back(raw)]
    oldest = min((_execution(raw).started_at for raw in page), default=None)
    ordered = sorted(found, key=lambda execution: (execution.started_at, execution.id))
    return tuple(ordered), oldest if history.get("nextToken") else None


def _takes_back(raw: Response) -> bool:
    trigger = pick(raw, "trigger", "triggerType", default="")
    return raw.get("executionType") == "ROLLBACK" or trigger in _ROLLBACKS


_ROLLBACKS = ("AutomatedRollback", "ManualRollback")


def _disabled_transitions(stages: Iterable[Response]) -> tuple[DisabledTransition, ...]:
    found = (
        (stage.get("stageName", ""), stage.get("inboundTransitionState") or {}) for stage in stages
    )
    return tuple(
        DisabledTransition(
            stage=name,
            since=transition.get("lastChangedAt"),
            reason=transition.get("disabledReason"),
        )
        for name, transition in found
        if transition.get("enabled") is False
    )


def _execution(raw: Response) -> Execution:
    started = raw.get("startTime") or raw["lastUpdateTime"]
    return Execution(
        id=raw.get("pipelineExecutionId", ""),
        status=raw.get("status", ""),
        started_at=started,
        updated_at=raw.get("lastUpdateTime") or started,
    )


def _in_progress(
    known: list[Execution], stages: Iterable[Response] | Gap
) -> tuple[Execution, ...] | Gap:
    """Executions in progress, oldest first, among the newest ones and in the stages.

    What is in a stage but not among the newest began no later than the oldest of them.
    """
    if isinstance(stages, Gap):
        return stages
    running = [execution for execution in known if execution.status == "InProgress"]
    if further := _ids_in_progress(stages) - {execution.id for execution in known}:
        began = min(execution.started_at for execution in known)
        running += [
            Execution(id=id_, status="InProgress", started_at=began, updated_at=began)
            for id_ in further
        ]
    return tuple(sorted(running, key=lambda execution: (execution.started_at, execution.id)))


def _ids_in_progress(stages: Iterable[Response]) -> set[str]:
    found = [
        execution
        for stage in stages
        for execution in [stage.get("latestExecution"), *(stage.get("inboundExecutions") or ())]
    ]
    return {e["pipelineExecutionId"] for e in found if e and e.get("status") == "InProgress"}
