"""Pipelines as AWS describes them, for every facet that puts one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import default_answers
from simulator.places import Place

GATE, HEALTHY = "codepipeline_production_gate", "codepipeline_execution_healthy"
EVENT_DRIVEN = "codepipeline_source_event_driven"
ROLLBACK = "codepipeline_rollback_on_failure"
IN_WAVES = "codepipeline_deploys_one_target_at_a_time"
LEAD_TIME, FAILURE_RATE = "dora_lead_time_for_changes", "dora_change_failure_rate"
MOMENT = timedelta(microseconds=1)
Record = dict[str, Any]


def action(
    name: str, category: str, provider: str, order: int = 1, owner: str = "AWS", **fields: Any
) -> Record:
    kind = {"category": category, "owner": owner, "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, "runOrder": order, **fields}


def stage(name: str, *actions: Record, **fields: Any) -> Record:
    return {"name": name, "actions": list(actions), **fields}


def source(**configuration: str) -> Record:
    """A stage that takes the main branch through a connection."""
    given = {"ConnectionArn": "arn:aws:codeconnections:x", "BranchName": "main", **configuration}
    return stage(
        "Source", action("Source", "Source", "CodeStarSourceConnection", configuration=given)
    )


BUILD = stage("Build", action("Package", "Build", "CodeBuild"))
TEST = stage("Test", action("Acceptance", "Test", "CodeBuild"))
APPROVE = stage("Release", action("Approve", "Approval", "Manual"))
PROD = stage("Prod", action("Deploy", "Deploy", "ECS"))


def execution(place: Place, name: str, status: str, started: datetime, **fields: Any) -> Record:
    return {
        "pipelineExecutionId": place.uuid(f"{name} {started:%Y%m%d%H%M}"),
        "status": status,
        "startTime": started,
        "lastUpdateTime": started + timedelta(minutes=20),
        **fields,
    }


def put_pipeline(
    place: Place,
    name: str,
    stages: Sequence[Record],
    executions: Sequence[Record],
    transitions: dict[str, Record] | None = None,
    metadata: Record | None = None,
    **fields: Any,
) -> None:
    open_ = {"enabled": True}
    states = [
        {
            "stageName": s["name"],
            "inboundTransitionState": (transitions or {}).get(s["name"], open_),
        }
        for s in stages
    ]
    place.put(
        "codepipeline.pipelines",
        {
            "name": name,
            "roleArn": f"arn:aws:iam::{place.account.id}:role/pipeline",
            "stages": list(stages),
            "version": 3,
            "executionMode": "SUPERSEDED",
            "pipelineType": "V2",
            "_arn": place.arn("codepipeline", name),
            "_metadata": {
                "pipelineArn": place.arn("codepipeline", name),
                "created": place.ago(days=500),
                "updated": place.ago(days=60),
                **(metadata or {}),
            },
            "_stages": states,
            "_executions": list(executions),
            **fields,
        },
    )


def put_running(
    place: Place, name: str, *stages: Record, earlier: Iterable[Record] = (), **fields: Any
) -> None:
    """A pipeline that ran through an hour ago."""
    newest = execution(place, name, "Succeeded", place.ago(hours=1))
    put_pipeline(place, name, stages, [newest, *earlier], **fields)
    idle_from = newest["lastUpdateTime"] + timedelta(days=90) + MOMENT
    place.expect(HEALTHY, "pass", resource=name, until=idle_from, then="not_applicable")


@default_answers("codepipeline.pipelines")
def usual(place: Place, pipeline: Record) -> None:
    """What the checks say of a pipeline that none of its facets is about."""
    name = pipeline["name"]
    place.expect(EVENT_DRIVEN, "not_applicable", resource=name)
    place.expect(IN_WAVES, "not_applicable", resource=name)
    place.expect(LEAD_TIME, "not_applicable", resource=name)
    place.expect(FAILURE_RATE, "not_applicable", resource=name)
    place.expect(ROLLBACK, "fail" if _deploys(pipeline) else "not_applicable", resource=name)


def _deploys(pipeline: Record) -> bool:
    """Making a change set is not yet a deployment."""
    return any(
        action["actionTypeId"]["category"] == "Deploy"
        and action.get("configuration", {}).get("ActionMode") != "CHANGE_SET_REPLACE"
        for stage in pipeline["stages"]
        for action in stage["actions"]
    )
