"""AWS CodePipeline: pipelines, their state and their executions.

A record of `codepipeline.pipelines` is the declaration that GetPipeline answers; `_metadata`,
`_stages` (the stage states), `_executions` and `_actions` (runs of actions), both newest first,
hang on it.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

_TOKENS = {"token_in": "nextToken", "token_out": "nextToken"}
_LISTED = ("name", "version", "pipelineType", "executionMode")


@operation("codepipeline", "ListPipelines")
def list_pipelines(call: Call) -> dict[str, Any]:
    found = [
        {name: pipeline.get(name) for name in _LISTED} | _dates(pipeline)
        for pipeline in call.place.all("codepipeline.pipelines")
    ]
    return call.page(found, "pipelines", size=5, **_TOKENS)


def _dates(pipeline: dict[str, Any]) -> dict[str, Any]:
    metadata = pipeline["_metadata"]
    return {"created": metadata["created"], "updated": metadata["updated"]}


def _pipeline(call: Call, name: str) -> dict[str, Any]:
    found = call.place.find("codepipeline.pipelines", name=name)
    if found is None:
        raise AwsError("PipelineNotFoundException", f"There is no pipeline {name}.")
    return found


@operation("codepipeline", "GetPipeline")
def get_pipeline(call: Call) -> dict[str, Any]:
    pipeline = _pipeline(call, call.parameters["name"])
    return {"pipeline": pipeline, "metadata": pipeline["_metadata"]}


@operation("codepipeline", "GetPipelineState")
def get_pipeline_state(call: Call) -> dict[str, Any]:
    pipeline = _pipeline(call, call.parameters["name"])
    return {
        "pipelineName": pipeline["name"],
        "pipelineVersion": pipeline["version"],
        "stageStates": pipeline["_stages"],
        **_dates(pipeline),
    }


@operation("codepipeline", "ListPipelineExecutions")
def list_pipeline_executions(call: Call) -> dict[str, Any]:
    pipeline = _pipeline(call, call.parameters["pipelineName"])
    return call.page(pipeline["_executions"], "pipelineExecutionSummaries", size=100, **_TOKENS)


@operation("codepipeline", "ListActionExecutions")
def list_action_executions(call: Call) -> dict[str, Any]:
    pipeline = _pipeline(call, call.parameters["pipelineName"])
    found = pipeline.get("_actions", ())
    return call.page(list(found), "actionExecutionDetails", size=10, **_TOKENS)
