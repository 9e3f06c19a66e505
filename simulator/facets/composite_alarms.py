"""Alarms of alarms and of logs: those that act for others, hold others back, or do nothing."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.alarm_answers import CONFIGURED, ENABLED, MOMENT
from simulator.facets.alarms import put_alarm
from simulator.facets.base import Facet
from simulator.facets.stack_records import is_unused
from simulator.facets.topics import put_topic
from simulator.operations.cloudwatch_alarms import ALARMS
from simulator.places import Place, Record

composites = Facet("cloudwatch.composites")


def put_composite(
    place: Place, name: str, rule: str, actions: tuple[str, ...] = (), **changed: Any
) -> Record:
    alarm = {
        "_type": "CompositeAlarm",
        "AlarmName": name,
        "AlarmArn": place.arn("cloudwatch", f"alarm:{name}"),
        "AlarmRule": rule,
        "AlarmConfigurationUpdatedTimestamp": place.ago(days=90),
        "ActionsEnabled": True,
        "AlarmActions": list(actions),
        "StateValue": "OK",
        "StateUpdatedTimestamp": place.moving(minutes=10),
        "StateTransitionedTimestamp": place.ago(days=20),
        **changed,
    }
    return alarm if is_unused(place) else place.put(ALARMS, alarm)


@composites.variant("none", characters={"neglected": 3, "new": 3, "ordinary": 2})
def no_composites(place: Place) -> None:
    """Most accounts have none."""


@composites.variant("grouped", characters={"exemplary": 4, "ordinary": 1, "locked_down": 2})
def grouped(place: Place) -> None:
    """The children are silent, their composite alarm acts: named, by ARN, and as one of several."""
    names = ("shop tier (web)", "shop-queue", "shop-cache")
    children = [put_alarm(place, name, ()) for name in names]
    rule = (
        f'ALARM("{names[0]}") OR AT_LEAST(1, ALARM, ({children[1]["AlarmArn"]}, "shop-cache"))'
        " AND NOT ALARM(shop-deploying)"
    )
    put_composite(place, "shop", rule, (put_topic(place, "on-call"),))
    put_composite(place, "shop-deploying", "FALSE", (put_topic(place, "on-call"),))
    for name in names if not is_unused(place) else ():
        place.expect(CONFIGURED, "not_applicable", resource=name)


@composites.variant("silent", characters={"neglected": 1, "ordinary": 1})
def silent_composite(place: Place) -> None:
    """Neither the child acts nor its composite alarm."""
    put_alarm(place, "shop-queue", ())
    put_composite(place, "shop", "ALARM(shop-queue)")


@composites.variant("held_back", characters={"neglected": 1, "ordinary": 1})
def held_back(place: Place) -> None:
    """Since longer than a day, by a suppressor that somebody forgot."""
    if not is_unused(place):
        _suppressed(place, since=place.ago(hours=24, seconds=1))
        place.expect(ENABLED, "fail", resource="shop")


@composites.variant("held_back_lately", characters={"ordinary": 1, "exemplary": 1})
def held_back_lately(place: Place) -> None:
    if is_unused(place):
        return
    since = place.ago(hours=23)
    _suppressed(place, since=since)
    until = since + timedelta(hours=24) + MOMENT
    place.expect(ENABLED, "pass", resource="shop", until=until, then="fail")
    put_composite(
        place,
        "shop-waiting",
        "ALARM(orders-errors)",
        (put_topic(place, "on-call"),),
        StateValue="ALARM",
        ActionsSuppressedBy="WaitPeriod",
        ActionsSuppressor="deploying",
    )


def _suppressed(place: Place, since: datetime) -> None:
    topic = put_topic(place, "on-call")
    suppressor = put_alarm(
        place, "deploying", (topic,), StateValue="ALARM", StateTransitionedTimestamp=since
    )
    put_composite(
        place,
        "shop",
        "ALARM(orders-errors)",
        (topic,),
        StateValue="ALARM",
        StateTransitionedTimestamp=place.ago(days=3),
        ActionsSuppressedBy="Alarm",
        ActionsSuppressor=suppressor["AlarmArn"],
        ActionsSuppressorWaitPeriod=60,
        ActionsSuppressorExtensionPeriod=60,
    )


@composites.variant("of_logs", characters={"ordinary": 1, "new": 1})
def of_logs(place: Place) -> None:
    """Alarms of the third type; one is silent."""
    if not is_unused(place):
        _put_log_alarm(place, "orders-exceptions", (put_topic(place, "on-call"),))
        _put_log_alarm(place, "orders-refusals", ())


def _put_log_alarm(place: Place, name: str, actions: tuple[str, ...]) -> None:
    place.put(
        ALARMS,
        {
            "_type": "LogAlarm",
            "AlarmName": name,
            "AlarmArn": place.arn("cloudwatch", f"alarm:{name}"),
            "AlarmConfigurationUpdatedTimestamp": place.ago(days=90),
            "ActionsEnabled": True,
            "AlarmActions": list(actions),
            "StateValue": "OK",
            "StateUpdatedTimestamp": place.moving(minutes=10),
            "StateTransitionedTimestamp": place.ago(days=20),
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
        },
    )
