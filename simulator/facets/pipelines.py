"""Pipelines: what stands before production, and how they run."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.pipeline_records import (
    APPROVE,
    BUILD,
    GATE,
    HEALTHY,
    PROD,
    TEST,
    Record,
    action,
    execution,
    put_pipeline,
    put_running,
    source,
    stage,
)
from simulator.facets.production import in_production
from simulator.places import Place
from simulator.shapes import Undocumented

gates = Facet("codepipeline.gates")
runs = Facet("codepipeline.runs")

MOMENT = timedelta(microseconds=1)


# gates
def _gated(place: Place, status: str, *stages: Record, **fields: Any) -> None:
    """The pipeline of the shop; what failed before its newest execution does not matter."""
    failed = execution(place, "shop", "Failed", place.ago(days=9))
    put_running(place, "shop", source(), *stages, earlier=[failed], **fields)
    place.expect(GATE, status, resource="shop")


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
        stage("Build", action("Build", "Build", "CodeBuild", configuration=project)),
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
        stage(
            "Production",
            action("Prepare", "Deploy", "CloudFormation", configuration=prepare),
            action("Approve", "Approval", "Manual", 2),
            action("Execute", "Deploy", "CloudFormation", 3, configuration=execute),
        ),
    )


@gates.variant("approved_meanwhile", characters={"neglected": 1})
def approved_meanwhile(place: Place) -> None:
    """The approval runs beside the deployment."""
    _gated(
        place,
        "fail",
        TEST,
        stage(
            "Prod",
            action("Approve", "Approval", "Manual"),
            action("Deploy", "Deploy", "ECS"),
        ),
    )


@gates.variant("unnamed", characters={"neglected": 1})
def unnamed(place: Place) -> None:
    """No stage says production; in a production account it is."""
    _gated(
        place,
        in_production(place, "fail"),
        BUILD,
        stage("Rollout", action("Deploy", "Deploy", "S3")),
    )


@gates.variant("elsewhere", characters={"ordinary": 1})
def elsewhere(place: Place) -> None:
    """Deploys into another account, and not to what is called production."""
    role = "arn:aws:iam::999999999999:role/deploy"
    _gated(
        place,
        "not_applicable",
        stage("NonProd", action("Deploy", "Deploy", "ECS", roleArn=role)),
        stage("Product-Demo", action("Deploy", "Deploy", "ECS", roleArn=role)),
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
    put_pipeline(place, "tools", [source(), BUILD, TEST], executions, transitions)
    place.expect(GATE, "not_applicable", resource="tools")
    place.expect(HEALTHY, status, resource="tools", until=until, then=then)


def _ended(place: Place, status: str, **ago: float) -> Record:
    """An execution that ended at that instant."""
    ended = place.ago(**ago)
    started = ended - timedelta(minutes=20)
    return execution(place, "tools", status, started, lastUpdateTime=ended)


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
    waiting = execution(place, "tools", "InProgress", place.ago(hours=72, seconds=1))
    _running(place, "fail", [_ended(place, "Succeeded", hours=3), waiting])


@runs.variant("in_progress", characters={"ordinary": 1})
def in_progress(place: Place) -> None:
    started = place.ago(hours=60)
    _running(
        place,
        "pass",
        [execution(place, "tools", "InProgress", started)],
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
