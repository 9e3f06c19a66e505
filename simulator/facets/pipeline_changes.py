"""What pipelines brought to production in the last weeks, and how well."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.facets.deployments import GRADUALLY, put_application, put_group
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
from simulator.places import AccountPlace, Place, Spot
from simulator.shapes import Undocumented

changes = Facet("codepipeline.changes", level=ACCOUNT)

OFTEN, RESTORED = "dora_deployment_frequency", "dora_time_to_restore"
ENOUGH = 13  # in a quarter, which is no whole number of weeks

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
    is_by_codedeploy: bool = False
    retried_after: timedelta | None = None
    """Its deployment failed so long before, and the retry ended it."""


def _every_other_day(place: Spot, count: int, **fields: Any) -> list[Delivery]:
    """One every other day, the newest three days before the world's epoch."""
    return [Delivery(ended=place.ago(days=3 + 2 * number), **fields) for number in range(count)]


def _put(
    account: AccountPlace,
    lead_time: str,
    failure_rate: str,
    deliveries: list[Delivery],
    restored: str = "not_applicable",
    until: datetime | None = None,
) -> None:
    """The pipeline of the checkout; it is tested and approved, and takes nothing back by itself.

    From ``until`` on too few changes are in the window. In the account nothing else gets to
    production.
    """
    place = account.home
    succeeded = [d for d in deliveries if d.status == "Succeeded" and not d.is_rollback]
    is_strange = any(d.status not in ("Succeeded", "Failed") for d in deliveries)
    often = "pass" if len(succeeded) >= ENOUGH else "unknown" if is_strange else "fail"
    account.expect(OFTEN, often)
    account.expect(RESTORED, restored)
    newest_first = sorted(deliveries, key=lambda delivery: delivery.ended, reverse=True)
    executions = [_execution(place, delivery) for delivery in newest_first]
    actions = [raw for delivery in newest_first for raw in _actions(place, delivery)]
    stages = [source(), TEST, APPROVE, PROD]
    put_pipeline(place, NAME, stages, executions, _actions=actions)
    place.expect(GATE, "pass", resource=NAME)
    then = None if until is None else "not_applicable"
    place.expect(LEAD_TIME, lead_time, resource=NAME, until=until, then=then)
    place.expect(FAILURE_RATE, failure_rate, resource=NAME, until=until, then=then)
    _expect_healthy(place, newest_first)


def _expect_healthy(place: Place, newest_first: list[Delivery]) -> None:
    if not newest_first:
        place.expect(HEALTHY, "not_applicable", resource=NAME)
        return
    newest = newest_first[0]
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
    made = _deployment_id(place, ended) if delivery.is_by_codedeploy else place.uuid(f"{ended}")
    deploy = _action(
        place,
        delivery,
        "Prod",
        "Deploy",
        "ECS",
        ended,
        status=delivery.status,
        executionResult={"externalExecutionId": made},
    )
    attempts = [deploy]
    if delivery.retried_after:
        failed = ended - delivery.retried_after
        lost = _action(place, delivery, "Prod", "Deploy", "ECS", failed, status="Failed")
        attempts.append(lost | {"actionExecutionId": place.uuid(f"{NAME} {failed}")})
    if delivery.is_rollback:
        return [deploy]
    variables = {"CommitId": place.hexadecimal(f"{NAME} {ended:%d%H%M}", 40)}
    if delivery.committed is not None:
        variables["AuthorDate"] = f"{ended - delivery.committed:%Y-%m-%dT%H:%M:%SZ}"
    return [
        *attempts,
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


@changes.variant("never", characters={"new": 3, "neglected": 1, "ordinary": 1, "locked_down": 1})
def never(account: AccountPlace) -> None:
    """There is a pipeline, but it never ran."""
    _put(account, "not_applicable", "not_applicable", [])


@changes.variant("weekly", characters={"exemplary": 2, "ordinary": 1, "locked_down": 1})
def weekly(account: AccountPlace) -> None:
    """Thirteen in thirteen weeks less a day."""
    _put(account, "pass", "pass", _every_other_day(account, ENOUGH))


@changes.variant("nearly_weekly", characters={"ordinary": 1})
def nearly_weekly(account: AccountPlace) -> None:
    """The thirteenth failed."""
    failed = Delivery(ended=account.ago(days=40), status="Failed")
    _put(account, "pass", "pass", [*_every_other_day(account, ENOUGH - 1), failed], "fail")


@changes.variant("by_hand", characters={"exemplary": 1, "ordinary": 1})
def by_hand(account: AccountPlace) -> None:
    """Thirteen deployments that people made with CodeDeploy, and no pipeline."""
    _put_group(account.home)
    for delivery in _every_other_day(account, ENOUGH):
        _put_deployment(account.home, delivery.ended)
    account.expect(OFTEN, "pass")
    account.expect(RESTORED, "not_applicable")


@changes.variant("by_codedeploy", characters={"neglected": 1, "ordinary": 1})
def by_codedeploy(account: AccountPlace) -> None:
    """Six that a pipeline had made, six by hand, and one that CodeDeploy took back by itself."""
    place, deliveries = account.home, _every_other_day(account, 6, is_by_codedeploy=True)
    _put(account, "pass", "pass", deliveries)
    _put_group(place)
    for delivery in deliveries:
        _put_deployment(place, delivery.ended)
    for number in range(6):
        _put_deployment(place, place.ago(days=2 + 2 * number))
    _put_deployment(place, place.ago(days=20, hours=1), creator="codeDeployRollback")


def _put_group(place: Place) -> None:
    """A group that says itself that it is in production."""
    put_application(place, NAME)
    put_group(
        place,
        "pass",
        place.ago(days=2),
        "web",
        application=NAME,
        _arn=place.arn("codedeploy", f"deploymentgroup:{NAME}/web"),
        _tags={"Environment": "production"},
    )
    place.expect(GRADUALLY, "pass", resource=f"{NAME}/web")


def _put_deployment(place: Place, ended: datetime, creator: str = "user") -> None:
    place.put(
        "codedeploy.deployments",
        {
            "deploymentId": _deployment_id(place, ended),
            "applicationName": NAME,
            "deploymentGroupName": "web",
            "status": "Succeeded",
            "creator": creator,
            "createTime": ended - timedelta(minutes=12),
            "completeTime": ended,
        },
    )


def _deployment_id(place: Place, ended: datetime) -> str:
    return f"d-{place.hexadecimal(f'deployment {ended:%Y%m%d%H%M}', 9).upper()}"


@changes.variant("quick", characters={"exemplary": 4, "ordinary": 1})
def quick(account: AccountPlace) -> None:
    """A day from commit to production, nothing failed."""
    _put(account, "pass", "pass", _every_other_day(account, 6))


@changes.variant("slow", characters={"ordinary": 1, "neglected": 1})
def slow(account: AccountPlace) -> None:
    """A second longer than a week."""
    slow_ = WEEK + timedelta(seconds=1)
    _put(account, "fail", "pass", _every_other_day(account, 5, committed=slow_))


@changes.variant("just_a_week", characters={"exemplary": 1, "ordinary": 1})
def just_a_week(account: AccountPlace) -> None:
    """To the second; one of seven failed, which is less than 15 percent."""
    deliveries = _every_other_day(account, 6, committed=WEEK)
    failed = Delivery(ended=account.ago(days=30), status="Failed")
    _put(account, "pass", "pass", [*deliveries, failed], "fail")


@changes.variant("failing", characters={"neglected": 1, "ordinary": 1})
def failing(account: AccountPlace) -> None:
    """One of six failed, the newest."""
    _put(account, "pass", "fail", _lately_failed(account), "fail")


def _lately_failed(account: AccountPlace) -> list[Delivery]:
    failed = Delivery(ended=account.ago(days=2, hours=12), status="Failed")
    return [*_every_other_day(account, 5), failed]


@changes.variant("restored", characters={"exemplary": 1, "ordinary": 1})
def restored(account: AccountPlace) -> None:
    """One of eight failed, and worked again a day later, to the second."""
    deliveries = _every_other_day(account, 7)
    failed = Delivery(ended=deliveries[2].ended - timedelta(days=1), status="Failed")
    _put(account, "pass", "pass", [*deliveries, failed], "pass")


@changes.variant("retried", characters=RARELY)
def retried(account: AccountPlace) -> None:
    """One of seven failed; its retry had it restored in a day, to the second."""
    deliveries = _every_other_day(account, 6)
    saved = Delivery(
        ended=deliveries[0].ended + timedelta(hours=30),
        took=timedelta(hours=26),
        retried_after=timedelta(days=1),
    )
    _put(account, "pass", "pass", [*deliveries, saved], "pass")


@changes.variant("taken_back", characters={"ordinary": 1})
def taken_back(account: AccountPlace) -> None:
    """All six succeeded, but one was taken back an hour later."""
    deliveries = _every_other_day(account, 6)
    back = Delivery(
        ended=deliveries[1].ended + timedelta(hours=1),
        took=timedelta(minutes=10),
        is_rollback=True,
    )
    _put(account, "pass", "fail", [*deliveries, back])


@changes.variant("commits_not_told", characters={"neglected": 1})
def commits_not_told(account: AccountPlace) -> None:
    """The delivery alone takes longer than a week."""
    late = WEEK + timedelta(hours=1)
    _put(account, "fail", "pass", _every_other_day(account, 5, committed=None, took=late))


@changes.variant("seldom", characters={"new": 1, "neglected": 1})
def seldom(account: AccountPlace) -> None:
    """Four changes in the window, and one a second before it."""
    old = Delivery(ended=account.ago(days=90, seconds=1), status="Failed")
    four = _every_other_day(account, 4, committed=timedelta(days=30))
    _put(account, "not_applicable", "not_applicable", [*four, old])


@changes.variant("one_leaves", characters={"ordinary": 1})
def one_leaves(account: AccountPlace) -> None:
    """The fifth change leaves the window in a fortnight."""
    fifth = Delivery(ended=account.ago(days=76), committed=timedelta(days=30))
    four = _every_other_day(account, 4, committed=timedelta(days=30))
    _put(account, "fail", "pass", [*four, fifth], until=fifth.ended + QUARTER + MOMENT)


@changes.variant("status_unheard_of", characters=RARELY)
def status_unheard_of(account: AccountPlace) -> None:
    strange = Delivery(ended=account.ago(days=4, hours=1), status=Undocumented("Paused"))
    _put(account, "unknown", "unknown", [*_every_other_day(account, 5), strange], "unknown")


@changes.variant("recovered", from_day=2, follows="failing")
def recovered(account: AccountPlace) -> None:
    """Two successes later one of eight has failed, but it took longer than a day."""
    _put(account, "pass", "pass", [*_lately_failed(account), *_lately(account, 27, 25)], "fail")


@changes.variant("worsened", from_day=2, follows="quick")
def worsened(account: AccountPlace) -> None:
    """Two of nine failed, and worked again two hours later."""
    lost = _lately(account, 30, 29, status="Failed")
    deliveries = [*_every_other_day(account, 6), *lost, *_lately(account, 28)]
    _put(account, "pass", "fail", deliveries, "pass")


def _lately(account: AccountPlace, *hours_ago: int, **fields: Any) -> list[Delivery]:
    return [Delivery(ended=account.ago(hours=hours), **fields) for hours in hours_ago]
