"""Deployment groups of servers, Lambda and ECS: what takes a bad deployment back."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.production import in_production
from simulator.places import Place

group = Facet("codedeploy.group")

CHECK, GRADUALLY = "codedeploy_auto_rollback_and_alarms", "codedeploy_gradual_traffic_shift"
IDLE = timedelta(days=180)
GRADUAL = {
    "ECS": "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "Lambda": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "Server": "CodeDeployDefault.OneAtATime",
}
MOMENT = timedelta(microseconds=1)
ROLLBACK = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]}
ALARMS = {"enabled": True, "ignorePollAlarmFailure": False, "alarms": [{"name": "shop-5xx"}]}


def put_group(
    place: Place,
    status: str,
    created: datetime | None,
    name: str = "prod",
    application: str = "shop",
    **changed: Any,
) -> None:
    deployment = created and {
        "deploymentId": f"d-{place.hexadecimal(name, 9).upper()}",
        "status": "Succeeded",
        "createTime": created,
        "endTime": created + timedelta(minutes=12),
    }
    place.put(
        "codedeploy.groups",
        {
            "applicationName": application,
            "deploymentGroupId": place.uuid(name),
            "deploymentGroupName": name,
            "deploymentConfigName": GRADUAL[changed.get("computePlatform", "ECS")],
            "serviceRoleArn": f"arn:aws:iam::{place.account.id}:role/deploy",
            "computePlatform": "ECS",
            "autoRollbackConfiguration": ROLLBACK,
            "alarmConfiguration": ALARMS,
            "lastAttemptedDeployment": deployment,
            "lastSuccessfulDeployment": deployment,
            **changed,
        },
    )
    until = created and created + IDLE + MOMENT
    is_used = until is not None and until > place.ago()
    place.expect(
        CHECK,
        status if is_used else "not_applicable",
        resource=f"{application}/{name}",
        until=until if is_used else None,
        then="not_applicable" if is_used else None,
    )


def put_application(place: Place, name: str = "shop") -> None:
    place.put("codedeploy.applications", {"name": name})


@default_answers("codedeploy.groups")
def usual(place: Place, raw: dict[str, Any]) -> None:
    name = f"{raw['applicationName']}/{raw['deploymentGroupName']}"
    place.expect(GRADUALLY, in_production(place, "pass"), resource=name)


@group.variant("rolls_back", characters={"exemplary": 4, "ordinary": 2, "locked_down": 2})
def rolls_back(place: Place) -> None:
    """All three platforms; an application without groups beside them."""
    put_application(place)
    put_application(place, "empty")
    put_group(place, "pass", place.ago(days=2))
    put_group(place, "pass", place.ago(days=40), "servers", computePlatform="Server")
    put_group(place, "pass", place.ago(days=90), "functions", computePlatform="Lambda")


@group.variant("without_rollback", characters={"neglected": 2, "ordinary": 1})
def without_rollback(place: Place) -> None:
    """Nothing is said of rollback; on the servers it is only switched off."""
    put_application(place)
    put_group(place, "fail", place.ago(days=2), autoRollbackConfiguration=None)
    put_group(
        place,
        "fail",
        place.ago(days=2),
        "servers",
        computePlatform="Server",
        autoRollbackConfiguration={**ROLLBACK, "enabled": False},
    )


@group.variant("used_half_a_year_ago", characters={"ordinary": 1, "exemplary": 1})
def used_half_a_year_ago(place: Place) -> None:
    """Still judged for ten days; the attempt is newer than the last success."""
    put_application(place)
    put_group(place, "pass", place.ago(days=170))
    place.all("codedeploy.groups")[-1]["lastSuccessfulDeployment"] = None


@group.variant("events_missing", characters={"ordinary": 1, "neglected": 1})
def events_missing(place: Place) -> None:
    put_application(place)
    only_failure = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
    only_alarm = {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM"]}
    put_group(place, "fail", place.ago(days=2), autoRollbackConfiguration=only_failure)
    put_group(place, "fail", place.ago(days=2), "servers", autoRollbackConfiguration=only_alarm)


@group.variant("idle", characters={"neglected": 1, "new": 1})
def idle(place: Place) -> None:
    """A second longer than the limit, and never."""
    put_application(place)
    put_group(place, "fail", place.ago(days=180, seconds=1), autoRollbackConfiguration=None)
    put_group(place, "fail", None, "servers", autoRollbackConfiguration=None)


@group.variant("alarms_missing", characters={"ordinary": 1, "neglected": 1})
def alarms_missing(place: Place) -> None:
    put_application(place)
    put_group(place, "fail", place.ago(days=2), alarmConfiguration={**ALARMS, "alarms": []})
    put_group(place, "fail", place.ago(days=2), "servers", alarmConfiguration=None)
    switched_off = {**ALARMS, "enabled": False}
    put_group(place, "fail", place.ago(days=2), "functions", alarmConfiguration=switched_off)


@group.variant("deploys_blindly", characters={"ordinary": 1})
def deploys_blindly(place: Place) -> None:
    """Goes on when the alarms cannot be read."""
    put_application(place)
    blind = {**ALARMS, "ignorePollAlarmFailure": True}
    put_group(place, "fail", place.ago(days=2), alarmConfiguration=blind)


@group.variant("not_described", characters=RARELY)
def not_described(place: Place) -> None:
    put_application(place)
    put_group(place, "pass", place.ago(days=2))
    place.put(
        "codedeploy.groups",
        {
            "applicationName": "shop",
            "deploymentGroupName": "servers",
            "_error": "The deployment group servers could not be read.",
        },
    )
    place.expect(CHECK, "unknown", resource="shop/servers")
    place.expect(GRADUALLY, in_production(place, "unknown"), resource="shop/servers")


@group.variant("none", characters={"new": 3, "locked_down": 1})
def no_group(place: Place) -> None:
    """Nothing is expected where CodeDeploy is not used."""
