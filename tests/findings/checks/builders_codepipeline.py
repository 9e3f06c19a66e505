"""Pipelines and how they run, for the tables of the checks."""

from datetime import timedelta

from findings.facts.codepipeline import (
    Action,
    ActionRun,
    DisabledTransition,
    Execution,
    Pipeline,
    PipelineActivity,
    PipelineDeployments,
    Stage,
)
from tests.findings.checks.cases import ACCOUNT, REGION, ago


def action(category, name="", **fields):
    given = {
        "owner": "AWS",
        "provider": {"Deploy": "ECS", "Approval": "Manual"}.get(category, "CodeBuild"),
        "run_order": 1,
        "region": None,
        "role_arn": None,
        "project": None,
        "mode": None,
        "polls_source": None,
    }
    return Action(name=name or category, category=category, **(given | fields))


def stage(name, *actions, entry_rules=(), on_failure=None):
    return Stage(name=name, actions=actions, entry_rules=entry_rules, on_failure=on_failure)


SOURCE = stage("Source", action("Source"))
TEST = stage("Verify", action("Test"))
APPROVAL = stage("Release", action("Approval"))
PROD = stage("Prod", action("Deploy"))


def pipeline(*stages, name="shop", **fields):
    given = {
        "arn": f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:{name}",
        "type": "V2",
        "execution_mode": "SUPERSEDED",
        "repositories": (),
        "polling_disabled_at": None,
    }
    return Pipeline(name=name, stages=stages, **(given | fields))


STARTED, ENDED, CLOSED = ago(hours=5), ago(hours=4), ago(days=3)


def execution(status="Succeeded", started_at=STARTED, updated_at=ENDED, id="e-1"):
    return Execution(id=id, status=status, started_at=started_at, updated_at=updated_at)


def closed(stage="Prod", since=CLOSED, reason="freeze"):
    return DisabledTransition(stage=stage, since=since, reason=reason)


SUCCEEDED = execution()


def activity(newest=SUCCEEDED, **fields):
    given = {
        "pipeline": "shop",
        "disabled_transitions": (),
        "in_progress": (),
        "rollbacks": (),
        "rollbacks_known_from": None,
    }
    return PipelineActivity(newest=newest, **(given | fields))


def run(days=1.0, status="Succeeded", hours=2, committed=None, execution=None, **fields):
    """The deployment to production, so many days ago, of what began some hours before."""
    ended = ago(days=days)
    given = {"stage": "Prod", "action": "Deploy", "external_id": None}
    return ActionRun(
        execution=execution or f"e-{days:g}",
        status=status,
        ended_at=ended,
        execution_began_at=ended - timedelta(hours=hours),
        committed_at=None if committed is None else ended - timedelta(hours=committed),
        **(given | fields),
    )


def deployments(*runs, known_from=None, pipeline="shop"):
    return PipelineDeployments(pipeline=pipeline, known_from=known_from or ago(days=90), runs=runs)
