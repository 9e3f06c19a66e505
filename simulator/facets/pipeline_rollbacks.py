"""What a pipeline does when the deployment in one of its stages fails."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.pipeline_records import (
    APPROVE,
    GATE,
    PROD,
    ROLLBACK,
    TEST,
    Record,
    action,
    put_running,
    source,
    stage,
)
from simulator.places import Place
from simulator.shapes import Undocumented

rollbacks = Facet("codepipeline.rollbacks")


def _on_failure(result: str) -> Record:
    return {"onFailure": {"result": result}}


BACK, AGAIN = _on_failure("ROLLBACK"), _on_failure("RETRY")
STAGING = stage("Staging", action("Deploy", "Deploy", "ECS"), **BACK)


def _api(place: Place, status: str, *stages: Record, **fields: Any) -> None:
    """The pipeline of the interface, which is tested and approved."""
    put_running(place, "api", source(), TEST, APPROVE, *stages, **fields)
    place.expect(GATE, "pass", resource="api")
    place.expect(ROLLBACK, status, resource="api")


@rollbacks.variant("rolls_back", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def rolls_back(place: Place) -> None:
    _api(place, "pass", STAGING, {**PROD, **BACK})


@rollbacks.variant("one_stage_does_not", characters={"neglected": 2, "ordinary": 1})
def one_stage_does_not(place: Place) -> None:
    _api(place, "fail", STAGING, PROD)


@rollbacks.variant("tries_again", characters={"exemplary": 1, "ordinary": 1})
def tries_again(place: Place) -> None:
    """What deploys takes its own failures back."""
    stack = action(
        "Stack", "Deploy", "CloudFormation", configuration={"ActionMode": "CREATE_UPDATE"}
    )
    servers = action("Servers", "Deploy", "CodeDeploy", 2)
    _api(place, "pass", stage("Prod", stack, servers, **AGAIN))


@rollbacks.variant("tries_in_vain", characters={"neglected": 1, "ordinary": 1})
def tries_in_vain(place: Place) -> None:
    """Nobody takes back what was copied to a bucket."""
    stack = action(
        "Stack", "Deploy", "CloudFormation", configuration={"ActionMode": "CREATE_UPDATE"}
    )
    site = action("Site", "Deploy", "S3", 2)
    _api(place, "fail", stage("Prod", stack, site, **AGAIN))


@rollbacks.variant("type_untold", characters={"exemplary": 1})
def type_untold(place: Place) -> None:
    """No type is given; only version 2 has what is said of failures."""
    _api(place, "pass", {**PROD, **BACK}, pipelineType=None)


@rollbacks.variant("goes_on", characters={"neglected": 1})
def goes_on(place: Place) -> None:
    _api(place, "fail", {**PROD, **_on_failure("SKIP")})


@rollbacks.variant("version_one", characters={"neglected": 1, "new": 1})
def version_one(place: Place) -> None:
    _api(place, "fail", PROD, pipelineType="V1", executionMode=None)


@rollbacks.variant("unheard_of", characters=RARELY)
def unheard_of(place: Place) -> None:
    _api(place, "fail", {**PROD, **_on_failure(Undocumented("PAUSE"))})


@rollbacks.variant("none", characters={"new": 1, "locked_down": 1})
def no_api(place: Place) -> None:
    """Nothing is expected where there is no pipeline."""
