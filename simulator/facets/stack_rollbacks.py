"""Whether a change of a stack that goes wrong is undone: rollback, and alarms that trigger it."""

from simulator.facets.alarms import put_alarm
from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.production import in_production, is_production
from simulator.facets.stack_records import put_stack
from simulator.operations.cloudformation import STACKS
from simulator.operations.cloudwatch_alarms import ALARMS
from simulator.places import Place, Record

rollbacks = Facet("cloudformation.stacks.rollbacks")

ENABLED = "cloudformation_stack_rollback_enabled"
TRIGGERS = "cloudformation_stack_rollback_triggers_set"
OPERATIONAL = "AWS::CloudWatch::Alarm"
PRODUCTION_TAGS = ("prod", "production")
LEAST_MINUTES = 5


def _watching(*arns: str, minutes: int | None = LEAST_MINUTES) -> Record:
    triggers = [{"Arn": arn, "Type": OPERATIONAL} for arn in arns]
    return {"RollbackTriggers": triggers, "MonitoringTimeInMinutes": minutes}


@rollbacks.variant("watched", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def watched(place: Place) -> None:
    arns = [put_alarm(place, name)["AlarmArn"] for name in ("release-errors", "release-latency")]
    put_stack(place, "release", RollbackConfiguration=_watching(*arns))


@rollbacks.variant("watched_too_short", characters={"ordinary": 1, "new": 1})
def watched_too_short(place: Place) -> None:
    arn = put_alarm(place, "release-errors")["AlarmArn"]
    short = _watching(arn, minutes=LEAST_MINUTES - 1)
    put_stack(place, "release", RollbackConfiguration=short)


@rollbacks.variant("alarm_gone", characters={"neglected": 1, "ordinary": 1})
def alarm_gone(place: Place) -> None:
    gone = _watching(place.arn("cloudwatch", "alarm:deleted-last-year"))
    put_stack(place, "release", RollbackConfiguration=gone)


@rollbacks.variant("switched_off", characters={"neglected": 3, "ordinary": 1, "new": 1})
def switched_off(place: Place) -> None:
    put_stack(place, "release", DisableRollback=True)


@rollbacks.variant("switched_off_for_deployments", characters=RARELY)
def switched_off_for_deployments(place: Place) -> None:
    express = {"Mode": "EXPRESS", "DisableRollback": True}
    put_stack(place, "release", DeploymentConfig=express)


@rollbacks.variant("not_told", characters=RARELY)
def not_told(place: Place) -> None:
    """An answer without either member, and an alarm of another account."""
    elsewhere = place.arn("cloudwatch", "alarm:shared").replace(place.account.id, "999999999999")
    put_stack(
        place,
        "release",
        {ENABLED: "unknown", TRIGGERS: in_production(place, "unknown")},
        DisableRollback=None,
        RollbackConfiguration=_watching(elsewhere),
    )


@default_answers(STACKS)
def answers(place: Place, stack: Record) -> None:
    if stack["StackStatus"] == "DELETE_COMPLETE":
        return
    applies = not stack.get("ParentId") and stack["StackStatus"] != "REVIEW_IN_PROGRESS"
    enabled = _enabled(stack) if applies and not _is_sandbox(place) else "not_applicable"
    place.expect(ENABLED, enabled, resource=stack["StackName"])
    is_judged = applies and not stack["StackName"].startswith("StackSet-")
    triggers = _triggers(place, stack) if is_judged else "not_applicable"
    place.expect(TRIGGERS, triggers, resource=stack["StackName"])


def _is_sandbox(place: Place) -> bool:
    tagged = place.account.tags.get("Environment")
    return tagged == "sandbox" or place.account.unit == "Sandbox"


def _enabled(stack: Record) -> str:
    by_deployment = (stack.get("DeploymentConfig") or {}).get("DisableRollback")
    return "fail" if stack["DisableRollback"] or by_deployment else "pass"


def _triggers(place: Place, stack: Record) -> str:
    tags = {tag["Key"]: tag["Value"].lower() for tag in stack["Tags"]}
    if tags.get("Environment") not in PRODUCTION_TAGS and not is_production(place.account):
        return "not_applicable"
    watching = stack["RollbackConfiguration"]
    arns = [trigger["Arn"] for trigger in watching.get("RollbackTriggers", ())]
    known = {alarm["AlarmArn"] for alarm in place.all(ALARMS)}
    enough = (watching.get("MonitoringTimeInMinutes") or 0) >= LEAST_MINUTES
    return "pass" if arns and enough and known.issuperset(arns) else "fail"
