"""What pipelines brought to production in the last weeks, and how well."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.pipeline_records import (
    APPROVE,
    FAILURE_RATE,
    GATE,
    HEALTHY,
    LEAD_TIME,
    MOMENT,
    PROD,
    TEST,
    Record,
    execution,
    put_pipeline,
    source,
)
from simulator.places import Place
from simulator.shapes import Undocumented

changes = Facet("codepipeline.changes")

NAME = "checkout"
WEEK, QUARTER = timedelta(days=7), timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One execution: when it reached production, how that ended, and what led to it."""

    ended: datetime
    status: str = "Succeeded"
    committed: timedelta | None = timedelta(hours=20)
    took: timedelta = timedelta(hours=2)
    is_rollback: bool = False


def _weekly(place: Place, count: int, **fields: Any) -> list[Delivery]:
    """One every other day, the newest three days before the world's epoch."""
    return [Delivery(ended=place.ago(days=3 + 2 * number), **fields) for number in range(count)]


def _put(
    place: Place,
    lead_time: str,
    failure_rate: str,
    deliveries: list[Delivery],
    until: datetime | None = None,
) -> None:
    """The pipeline of the checkout; it is tested and approved, and takes nothing back by itself.

    From ``until`` on too few changes are in the window.
    """
    newest_first = sorted(deliveries, key=lambda delivery: delivery.ended, reverse=True)
    executions = [_execution(place, delivery) for delivery in newest_first]
    actions = [raw for delivery in newest_first for raw in _actions(place, delivery)]
    stages = [source(), TEST, APPROVE, PROD]
    put_pipeline(place, NAME, stages, executions, _actions=actions)
    place.expect(GATE, "pass", resource=NAME)
    then = None if until is None else "not_applicable"
    place.expect(LEAD_TIME, lead_time, resource=NAME, until=until, then=then)
    place.expect(FAILURE_RATE, failure_rate, resource=NAME, until=until, then=then)
    _expect_healthy(place, newest_first[0])


def _expect_healthy(place: Place, newest: Delivery) -> None:
    failed = newest.status == "Failed"
    until = newest.ended + (timedelta(days=2) if failed else QUARTER) + MOMENT
    is_over = until <= place.ago()
    then = "fail" if failed else "not_applicable"
    if is_over:
        place.expect(HEALTHY, then, resource=NAME)
    else:
        place.expect(HEALTHY, "pass", resource=NAME, until=until, then=then)


def _id(place: Place, delivery: Delivery) -> str:
    return place.uuid(f"{NAME} {delivery.ended:%Y%m%d%H%M%S}")


def _execution(place: Place, delivery: Delivery) -> Record:
    began = delivery.ended - delivery.took
    trigger = "AutomatedRollback" if delivery.is_rollback else "Webhook"
    return execution(
        place,
        NAME,
        delivery.status if delivery.status in ("Succeeded", "Failed") else "Succeeded",
        began,
        pipelineExecutionId=_id(place, delivery),
        lastUpdateTime=delivery.ended,
        executionType="ROLLBACK" if delivery.is_rollback else "STANDARD",
        trigger={"triggerType": trigger, "triggerDetail": "x"},
    )


def _actions(place: Place, delivery: Delivery) -> list[Record]:
    """Its deployment and its test; of what is no rollback its source, too. The newest first."""
    began, ended = delivery.ended - delivery.took, delivery.ended
    deploy = _action(place, delivery, "Prod", "Deploy", "ECS", ended, status=delivery.status)
    if delivery.is_rollback:
        return [deploy]
    variables = {"CommitId": place.hexadecimal(f"{NAME} {ended:%d%H%M}", 40)}
    if delivery.committed is not None:
        variables["AuthorDate"] = f"{ended - delivery.committed:%Y-%m-%dT%H:%M:%SZ}"
    return [
        deploy,
        _action(place, delivery, "Test", "Test", "CodeBuild", began + timedelta(minutes=20)),
        _action(
            place,
            delivery,
            "Source",
            "Source",
            "CodeStarSourceConnection",
            began + timedelta(minutes=5),
            outputVariables=variables,
        ),
    ]


def _action(
    place: Place,
    delivery: Delivery,
    stage: str,
    category: str,
    provider: str,
    ended: datetime,
    status: str = "Succeeded",
    **output: Any,
) -> Record:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    names = {"Test": "Acceptance"}
    return {
        "pipelineExecutionId": _id(place, delivery),
        "actionExecutionId": place.uuid(f"{NAME} {stage} {delivery.ended:%Y%m%d%H%M%S}"),
        "pipelineVersion": 3,
        "stageName": stage,
        "actionName": names.get(stage, category),
        "startTime": ended - timedelta(minutes=5),
        "lastUpdateTime": ended,
        "status": status,
        "input": {"actionTypeId": kind, "region": place.region},
        "output": {"outputArtifacts": [], **output},
    }


@changes.variant("none", characters={"new": 6, "neglected": 3, "ordinary": 3, "locked_down": 3})
def no_changes(place: Place) -> None:
    """Nothing is expected where there is no such pipeline."""


@changes.variant("quick", characters={"exemplary": 4, "ordinary": 1})
def quick(place: Place) -> None:
    """A day from commit to production, nothing failed."""
    _put(place, "pass", "pass", _weekly(place, 6))


@changes.variant("slow", characters={"ordinary": 1, "neglected": 1})
def slow(place: Place) -> None:
    """A second longer than a week."""
    slow_ = WEEK + timedelta(seconds=1)
    _put(place, "fail", "pass", _weekly(place, 5, committed=slow_))


@changes.variant("just_a_week", characters={"exemplary": 1, "ordinary": 1})
def just_a_week(place: Place) -> None:
    """To the second; one of seven failed, which is less than 15 percent."""
    deliveries = _weekly(place, 6, committed=WEEK)
    failed = Delivery(ended=place.ago(days=30), status="Failed")
    _put(place, "pass", "pass", [*deliveries, failed])


@changes.variant("failing", characters={"neglected": 1, "ordinary": 1})
def failing(place: Place) -> None:
    """One of six failed, the newest."""
    failed = Delivery(ended=place.ago(days=2, hours=12), status="Failed")
    _put(place, "pass", "fail", [*_weekly(place, 5), failed])


@changes.variant("taken_back", characters={"ordinary": 1})
def taken_back(place: Place) -> None:
    """All six succeeded, but one was taken back an hour later."""
    deliveries = _weekly(place, 6)
    back = Delivery(
        ended=deliveries[1].ended + timedelta(hours=1),
        took=timedelta(minutes=10),
        is_rollback=True,
    )
    _put(place, "pass", "fail", [*deliveries, back])


@changes.variant("commits_not_told", characters={"neglected": 1})
def commits_not_told(place: Place) -> None:
    """The delivery alone takes longer than a week."""
    late = WEEK + timedelta(hours=1)
    _put(place, "fail", "pass", _weekly(place, 5, committed=None, took=late))


@changes.variant("seldom", characters={"new": 1, "neglected": 1})
def seldom(place: Place) -> None:
    """Four changes in the window, and one a second before it."""
    old = Delivery(ended=place.ago(days=90, seconds=1), status="Failed")
    four = _weekly(place, 4, committed=timedelta(days=30))
    _put(place, "not_applicable", "not_applicable", [*four, old])


@changes.variant("one_leaves", characters={"ordinary": 1})
def one_leaves(place: Place) -> None:
    """The fifth change leaves the window in a fortnight."""
    fifth = Delivery(ended=place.ago(days=76), committed=timedelta(days=30))
    four = _weekly(place, 4, committed=timedelta(days=30))
    _put(place, "fail", "pass", [*four, fifth], until=fifth.ended + QUARTER + MOMENT)


@changes.variant("status_unheard_of", characters=RARELY)
def status_unheard_of(place: Place) -> None:
    strange = Delivery(ended=place.ago(days=4, hours=1), status=Undocumented("Paused"))
    _put(place, "unknown", "unknown", [*_weekly(place, 5), strange])


@changes.variant("recovered", characters={"neglected": 1}, from_day=2)
def recovered(place: Place) -> None:
    """What failed is behind a success of the second day."""
    newest = Delivery(ended=place.day_start(2) - timedelta(hours=3))
    failed = Delivery(ended=place.ago(days=40), status="Failed")
    _put(place, "pass", "pass", [*_weekly(place, 6), failed, newest])
