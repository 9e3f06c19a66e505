"""Pipelines: what stands before production, and how they run."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.production import in_production
from simulator.places import Place
from simulator.shapes import Undocumented

gates = Facet("codepipeline.gates")
runs = Facet("codepipeline.runs")

GATE, HEALTHY = "codepipeline_production_gate", "codepipeline_execution_healthy"
MOMENT = timedelta(microseconds=1)
Record = dict[str, Any]


def _action(name: str, category: str, provider: str, order: int = 1, **fields: Any) -> Record:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, "runOrder": order, **fields}


def _stage(name: str, *actions: Record, **fields: Any) -> Record:
    return {"name": name, "actions": list(actions), **fields}


def _source(**configuration: str) -> Record:
    given = {"ConnectionArn": "arn:aws:codeconnections:x", "BranchName": "main", **configuration}
    action = _action("Source", "Source", "CodeStarSourceConnection", configuration=given)
    return _stage("Source", action)


BUILD = _stage("Build", _action("Package", "Build", "CodeBuild"))
TEST = _stage("Test", _action("Acceptance", "Test", "CodeBuild"))
APPROVE = _stage("Release", _action("Approve", "Approval", "Manual"))
PROD = _stage("Prod", _action("Deploy", "Deploy", "ECS"))


def _execution(place: Place, name: str, status: str, started: datetime, **fields: Any) -> Record:
    return {
        "pipelineExecutionId": place.uuid(f"{name} {started:%Y%m%d%H%M}"),
        "status": status,
        "startTime": started,
        "lastUpdateTime": started + timedelta(minutes=20),
        **fields,
    }


def _pipeline(
    place: Place,
    name: str,
    stages: list[Record],
    executions: list[Record],
    transitions: dict[str, Record] | None = None,
    **fields: Any,
) -> None:
    place.put(
        "codepipeline.pipelines",
        {
            "name": name,
            "roleArn": f"arn:aws:iam::{place.account.id}:role/pipeline",
            "stages": stages,
            "version": 3,
            "executionMode": "SUPERSEDED",
            "pipelineType": "V2",
            "_arn": place.arn("codepipeline", name),
            "_metadata": {
                "pipelineArn": place.arn("codepipeline", name),
                "created": place.ago(days=500),
                "updated": place.ago(days=60),
            },
            "_stages": [
                {
                    "stageName": stage["name"],
                    "inboundTransitionState": (transitions or {}).get(
                        stage["name"], {"enabled": True}
                    ),
                }
                for stage in stages
            ],
            "_executions": executions,
            **fields,
        },
    )


# gates
def _gated(place: Place, status: str, *stages: Record, **fields: Any) -> None:
    """The pipeline of the shop, which ran an hour ago."""
    newest = place.ago(hours=1)
    _pipeline(
        place,
        "shop",
        [_source(), *stages],
        [
            _execution(place, "shop", "Succeeded", newest),
            _execution(place, "shop", "Failed", place.ago(days=9)),
        ],
        **fields,
    )
    place.expect(GATE, status, resource="shop")
    idle_from = newest + timedelta(minutes=20, days=90) + MOMENT
    place.expect(HEALTHY, "pass", resource="shop", until=idle_from, then="not_applicable")


@gates.variant("tested_and_approved", characters={"exemplary": 4, "ordinary": 2, "locked_down": 2})
def tested_and_approved(place: Place) -> None:
    _gated(place, "pass", BUILD, TEST, APPROVE, PROD)


@gates.variant("unapproved", characters={"ordinary": 1, "neglected": 1})
def unapproved(place: Place) -> None:
    _gated(place, "fail", BUILD, TEST, PROD)


@gates.variant("ruled", characters={"exemplary": 1, "ordinary": 1})
def ruled(place: Place) -> None:
    """A deployment window instead of an approval, and a build that tests."""
    kind = {"category": "Rule", "owner": "AWS", "provider": "DeploymentWindow", "version": "1"}
    rules = [{"name": "window", "ruleTypeId": kind, "configuration": {"Cron": "* * 9-16 * * *"}}]
    entry = {"conditions": [{"result": "FAIL", "rules": rules}]}
    project = {"ProjectName": "shop-unit-tests"}
    _gated(
        place,
        "pass",
        _stage("Build", _action("Build", "Build", "CodeBuild", configuration=project)),
        {**PROD, "beforeEntry": entry},
    )


@gates.variant("untested", characters={"ordinary": 1, "neglected": 2})
def untested(place: Place) -> None:
    """Version 1 of the pipelines; the test comes too late."""
    _gated(place, "fail", BUILD, APPROVE, PROD, TEST, pipelineType="V1", executionMode=None)


@gates.variant("change_set_approved", characters={"exemplary": 1, "locked_down": 1})
def change_set_approved(place: Place) -> None:
    """Making the change set is not yet a deployment."""
    prepare, execute = (
        {"ActionMode": mode, "StackName": "shop"}
        for mode in ("CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE")
    )
    _gated(
        place,
        "pass",
        TEST,
        _stage(
            "Production",
            _action("Prepare", "Deploy", "CloudFormation", configuration=prepare),
            _action("Approve", "Approval", "Manual", 2),
            _action("Execute", "Deploy", "CloudFormation", 3, configuration=execute),
        ),
    )


@gates.variant("approved_meanwhile", characters={"neglected": 1})
def approved_meanwhile(place: Place) -> None:
    """The approval runs beside the deployment."""
    _gated(
        place,
        "fail",
        TEST,
        _stage(
            "Prod",
            _action("Approve", "Approval", "Manual"),
            _action("Deploy", "Deploy", "ECS"),
        ),
    )


@gates.variant("unnamed", characters={"neglected": 1})
def unnamed(place: Place) -> None:
    """No stage says production; in a production account it is."""
    _gated(
        place,
        in_production(place, "fail"),
        BUILD,
        _stage("Rollout", _action("Deploy", "Deploy", "S3")),
    )


@gates.variant("elsewhere", characters={"ordinary": 1})
def elsewhere(place: Place) -> None:
    """Deploys into another account, and not to what is called production."""
    role = "arn:aws:iam::999999999999:role/deploy"
    _gated(
        place,
        "not_applicable",
        _stage("NonProd", _action("Deploy", "Deploy", "ECS", roleArn=role)),
        _stage("Product-Demo", _action("Deploy", "Deploy", "ECS", roleArn=role)),
    )


@gates.variant("none", characters={"new": 3, "locked_down": 1})
def no_gates(place: Place) -> None:
    """Nothing is expected where nothing is deployed by pipelines."""


# runs
def _running(
    place: Place,
    status: str,
    executions: list[Record],
    transitions: dict[str, Record] | None = None,
    until: datetime | None = None,
    then: str | None = None,
) -> None:
    """The pipeline of the platform's tools, which deploys nothing."""
    _pipeline(place, "tools", [_source(), BUILD, TEST], executions, transitions)
    place.expect(GATE, "not_applicable", resource="tools")
    place.expect(HEALTHY, status, resource="tools", until=until, then=then)


def _ended(place: Place, status: str, **ago: float) -> Record:
    """An execution that ended at that instant."""
    ended = place.ago(**ago)
    started = ended - timedelta(minutes=20)
    return _execution(place, "tools", status, started, lastUpdateTime=ended)


def _idle_from(place: Place, **ago: float) -> datetime:
    return place.ago(**ago) + timedelta(days=90) + MOMENT


@runs.variant("healthy", characters={"exemplary": 4, "ordinary": 3, "locked_down": 2})
def healthy(place: Place) -> None:
    """The one before failed; the order of the listing is the newest first."""
    _running(
        place,
        "pass",
        [_ended(place, "Succeeded", hours=3), _ended(place, "Failed", days=4)],
        until=_idle_from(place, hours=3),
        then="not_applicable",
    )


@runs.variant("failed", characters={"neglected": 2, "ordinary": 1})
def failed(place: Place) -> None:
    """A second longer than the limit."""
    _running(
        place,
        "fail",
        [_ended(place, "Failed", days=2, seconds=1), _ended(place, "Succeeded", days=4)],
        until=_idle_from(place, days=2, seconds=1),
        then="not_applicable",
    )


@runs.variant("failed_yesterday", characters={"ordinary": 1, "exemplary": 1})
def failed_yesterday(place: Place) -> None:
    ended = place.ago(days=1)
    _running(
        place,
        "pass",
        [_ended(place, "Failed", days=1)],
        until=ended + timedelta(days=2) + MOMENT,
        then="fail",
    )


@runs.variant("stalled", characters={"neglected": 1, "ordinary": 1})
def stalled(place: Place) -> None:
    """Waits in progress since before the limit, behind a newer one that went through."""
    waiting = _execution(place, "tools", "InProgress", place.ago(hours=72, seconds=1))
    _running(place, "fail", [_ended(place, "Succeeded", hours=3), waiting])


@runs.variant("in_progress", characters={"ordinary": 1})
def in_progress(place: Place) -> None:
    started = place.ago(hours=60)
    _running(
        place,
        "pass",
        [_execution(place, "tools", "InProgress", started)],
        until=started + timedelta(hours=72) + MOMENT,
        then="fail",
    )


@runs.variant("closed", characters={"neglected": 1})
def closed(place: Place) -> None:
    _running(
        place,
        "fail",
        [_ended(place, "Succeeded", hours=3)],
        {"Test": _closed(place.ago(days=14, seconds=1), "flaky tests")},
        until=_idle_from(place, hours=3),
        then="not_applicable",
    )


@runs.variant("closed_lately", characters={"ordinary": 1, "exemplary": 1})
def closed_lately(place: Place) -> None:
    since = place.ago(days=4)
    _running(
        place,
        "pass",
        [_ended(place, "Succeeded", hours=3)],
        {"Test": _closed(since, "freeze until the fair")},
        until=since + timedelta(days=14) + MOMENT,
        then="fail",
    )


@runs.variant("closed_without_reason", characters={"neglected": 1})
def closed_without_reason(place: Place) -> None:
    _running(
        place,
        "fail",
        [_ended(place, "Superseded", hours=3), _ended(place, "Cancelled", hours=4)],
        {"Test": _closed(place.ago(days=1), None)},
        until=_idle_from(place, hours=3),
        then="not_applicable",
    )


def _closed(since: datetime, reason: str | None) -> Record:
    return {
        "enabled": False,
        "lastChangedBy": "arn:aws:iam::999999999999:user/somebody",
        "lastChangedAt": since,
        "disabledReason": reason,
    }


@runs.variant("idle", characters={"neglected": 1, "new": 1})
def idle(place: Place) -> None:
    """A second longer than the limit."""
    _running(place, "not_applicable", [_ended(place, "Failed", days=90, seconds=1)])


@runs.variant("never_ran", characters={"new": 1})
def never_ran(place: Place) -> None:
    _running(place, "not_applicable", [])


@runs.variant("status_unheard_of", characters=RARELY)
def status_unheard_of(place: Place) -> None:
    """No transition is told, and the execution is in a state that nobody has documented."""
    newest = {**_ended(place, "Succeeded", hours=3), "status": Undocumented("Paused")}
    _running(
        place,
        "unknown",
        [newest],
        {"Build": {}},
        until=_idle_from(place, hours=3),
        then="not_applicable",
    )


@runs.variant("none", characters={"new": 2, "locked_down": 1})
def no_runs(place: Place) -> None:
    """Nothing is expected where there is no pipeline."""
