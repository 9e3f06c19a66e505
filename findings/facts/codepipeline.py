"""Facts of CodePipeline: what a pipeline is made of, and how it has been running."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record
from findings.facts.histories import Happening, History


class Action(Record):
    """``category`` is Source, Build, Test, Deploy, Approval, Invoke or Compute.

    ``project`` is the build project it runs, ``mode`` the ActionMode of CloudFormation actions,
    ``role_arn`` the role it is run with where that is not the pipeline's, ``polls_source`` its
    PollForSourceChanges where given.
    """

    name: str
    category: str
    owner: str
    provider: str
    run_order: int
    region: str | None
    role_arn: str | None
    project: str | None
    mode: str | None
    polls_source: bool | None


class Stage(Record):
    """``entry_rules`` are the providers of the rules that must hold before the stage is entered."""

    name: str
    actions: tuple[Action, ...]
    entry_rules: tuple[str, ...]
    on_failure: str | None


class Pipeline(
    Fact,
    kind="codepipeline.pipeline",
    identity=("name",),
    version=2,
    since={"repositories": 2},
):
    """``type`` is V1 or V2; stages are in the order they run.

    ``repositories`` are the names of those of CodeCommit that it takes its source from.
    """

    name: str
    arn: str
    type: str | None
    execution_mode: str | None
    stages: tuple[Stage, ...]
    repositories: tuple[str, ...]
    polling_disabled_at: datetime | None


class Execution(Record):
    """One run of a pipeline."""

    id: str
    status: str
    started_at: datetime
    updated_at: datetime


class DisabledTransition(Record):
    """The way into a stage that somebody has closed."""

    stage: str
    since: datetime | None
    reason: str | None


class PipelineActivity(
    Fact,
    kind="codepipeline.activity",
    identity=("pipeline",),
    volatile=("newest", "in_progress", "rollbacks", "rollbacks_known_from"),
    version=2,
    since={"rollbacks": 2, "rollbacks_known_from": 2},
    kept=History(
        "rollbacks_known_from",
        {"rollbacks": Happening(at=lambda back: back.started_at, same=lambda back: back.id)},
    ),
):
    """How a pipeline runs: its newest execution, those in progress, and transitions that are off.

    ``rollbacks`` are executions that took an earlier one back, as far back as the newest 100
    executions go; ``rollbacks_known_from`` is None where that is all of them. AWS keeps executions
    for 12 months.
    """

    pipeline: str
    disabled_transitions: tuple[DisabledTransition, ...]
    newest: Execution | None
    in_progress: tuple[Execution, ...]
    rollbacks: tuple[Execution, ...]
    rollbacks_known_from: datetime | None


class ActionRun(Record):
    """One action of an execution that may have changed something: it ended, or is in progress.

    ``execution_began_at`` is when the first known action of its execution began;
    ``committed_at`` the newest commit among the sources of the execution, where they tell;
    ``external_id`` is what the service that the action calls names its part, as CodeDeploy does.
    """

    execution: str
    stage: str
    action: str
    status: str
    ended_at: datetime
    execution_began_at: datetime
    committed_at: datetime | None
    external_id: str | None


class PipelineDeployments(
    Fact,
    kind="codepipeline.deployments",
    identity=("pipeline",),
    volatile=("known_from", "runs"),
    kept=History(
        "known_from",
        {
            "runs": Happening(
                at=lambda run: run.ended_at,
                same=lambda run: (run.execution, run.stage, run.action, run.ended_at),
            )
        },
    ),
):
    """The actions of a pipeline that are no sources, tests or approvals, oldest first.

    They are those of the last 90 days, or of fewer where more than 1,000 actions ran.
    """

    pipeline: str
    known_from: datetime
    runs: tuple[ActionRun, ...]
