"""Alarms of metrics: whether they act, reach somebody, have data, flap, and are looked after."""

from typing import Any

from simulator.facets.alarm_answers import MOST_IN_A_FORTNIGHT
from simulator.facets.base import RARELY, Facet
from simulator.facets.stack_records import is_unused
from simulator.facets.topics import central_topic, put_topic
from simulator.operations.cloudwatch_alarms import ALARMS
from simulator.places import Place, Record

alarms = Facet("cloudwatch.alarms")

UNMANAGED = "999999999999"


def put_alarm(
    place: Place, name: str, actions: tuple[str, ...] | None = None, **changed: Any
) -> Record:
    """A metric alarm that is OK and notifies the on-call topic, unless told otherwise.

    In a region that is not used nothing is put.
    """
    if actions is None:
        actions = (put_topic(place, "on-call"),)
    alarm = {
        "AlarmName": name,
        "AlarmArn": place.arn("cloudwatch", f"alarm:{name}"),
        "AlarmDescription": f"See https://runbooks.example.com/{place.account.name}",
        "AlarmConfigurationUpdatedTimestamp": place.ago(days=90),
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": list(actions),
        "InsufficientDataActions": [],
        "StateValue": "OK",
        "StateReason": "Threshold not crossed",
        "StateUpdatedTimestamp": place.moving(minutes=10),
        "StateTransitionedTimestamp": place.ago(days=20),
        "MetricName": "Errors",
        "Namespace": "AWS/Lambda",
        "Statistic": "Sum",
        "Dimensions": [{"Name": "FunctionName", "Value": name}],
        "Period": 300,
        "EvaluationPeriods": 2,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "missing",
        **changed,
    }
    return alarm if is_unused(place) else place.put(ALARMS, alarm)


@alarms.variant("notifying", characters={"exemplary": 4, "ordinary": 3, "locked_down": 3, "new": 1})
def notifying(place: Place) -> None:
    put_alarm(place, "orders-errors")
    topic = put_topic(place, "on-call")
    stop = f"arn:aws:automate:{place.region}:ec2:stop"
    put_alarm(place, "batch-idle", (stop,))
    put_alarm(place, "batch-stuck", (stop, topic), StateValue="ALARM")


@alarms.variant("silent", characters={"neglected": 3, "ordinary": 1, "new": 2})
def silent(place: Place) -> None:
    """Nothing happens on ALARM; what happens on recovery does not count."""
    topic = put_topic(place, "on-call")
    put_alarm(place, "orders-errors", (), OKActions=[topic], AlarmDescription="Orders fail")


@alarms.variant("switched_off", characters={"neglected": 1, "ordinary": 1})
def switched_off(place: Place) -> None:
    put_alarm(place, "orders-errors", ActionsEnabled=False, AlarmDescription=None)


@alarms.variant("unheard", characters={"neglected": 2, "ordinary": 1, "new": 1})
def unheard(place: Place) -> None:
    """Of two topics one has nobody who confirmed."""
    lonely = put_topic(place, "nobody", confirmed=0, pending=2)
    put_alarm(place, "orders-errors", (put_topic(place, "on-call"), lonely))


@alarms.variant("topic_gone", characters={"neglected": 1})
def topic_gone(place: Place) -> None:
    put_alarm(place, "orders-errors", (place.arn("sns", "deleted-last-year"),))


@alarms.variant("central", characters={"exemplary": 2, "ordinary": 2, "locked_down": 3})
def central(place: Place) -> None:
    """Notifies a topic of the security account."""
    document = place.arn("ssm", "document/restart-orders")
    topic = central_topic(place)
    put_alarm(place, "orders-errors", (topic,), AlarmDescription=f"Start {document}")


@alarms.variant("unmanaged_topic", characters=RARELY)
def unmanaged_topic(place: Place) -> None:
    """Notifies a topic of an account outside the organization: who listens cannot be known."""
    put_alarm(place, "orders-errors", (f"arn:aws:sns:{place.region}:{UNMANAGED}:partner-alerts",))


@alarms.variant("without_data", characters={"neglected": 2, "ordinary": 1})
def without_data(place: Place) -> None:
    """A second over the limit; and one that was evaluated again lately."""
    put_alarm(
        place,
        "orders-errors",
        StateValue="INSUFFICIENT_DATA",
        StateTransitionedTimestamp=place.ago(days=7, seconds=1),
    )
    put_alarm(
        place,
        "orders-latency",
        StateValue="INSUFFICIENT_DATA",
        StateTransitionedTimestamp=place.ago(days=60),
        EvaluationState="EVALUATION_ERROR",
    )


@alarms.variant("without_data_lately", characters={"ordinary": 1, "exemplary": 1})
def without_data_lately(place: Place) -> None:
    """Within the limit for an hour and a second; the second alarm tells of updates only."""
    recently = place.ago(days=6, hours=22, minutes=59, seconds=59)
    put_alarm(
        place,
        "orders-errors",
        StateValue="INSUFFICIENT_DATA",
        StateTransitionedTimestamp=recently,
    )
    put_alarm(
        place,
        "orders-latency",
        StateValue="INSUFFICIENT_DATA",
        StateUpdatedTimestamp=recently,
        StateTransitionedTimestamp=None,
    )


@alarms.variant("just_made", characters={"new": 3, "ordinary": 1})
def just_made(place: Place) -> None:
    made = place.ago(days=2)
    put_alarm(
        place,
        "orders-errors",
        StateValue="INSUFFICIENT_DATA",
        StateTransitionedTimestamp=made,
        AlarmConfigurationUpdatedTimestamp=made,
    )
    put_alarm(place, "orders-latency", AlarmConfigurationUpdatedTimestamp=made)


@alarms.variant("flapping", characters={"neglected": 1, "ordinary": 1}, stays=True)
def flapping(place: Place) -> None:
    """Once more than four a day for 14 days, and exactly that often."""
    flaps = [place.ago(hours=1 + 4 * n) for n in range(MOST_IN_A_FORTNIGHT + 1)]
    put_alarm(place, "orders-errors", _alarmed_at=flaps, _wordy=True)
    put_alarm(place, "orders-latency", _alarmed_at=flaps[:-1])
    place.put(
        "cloudwatch.deleted_alarms", {"AlarmName": "retired", "_alarmed_at": [place.ago(days=3)]}
    )


@alarms.variant("forgotten", characters={"neglected": 2, "ordinary": 1})
def forgotten(place: Place) -> None:
    """Last configured a year and a second ago; the other one an hour less than a year."""
    old = place.ago(days=365, seconds=1)
    put_alarm(place, "orders-errors", AlarmConfigurationUpdatedTimestamp=old)
    put_alarm(
        place,
        "orders-latency",
        AlarmConfigurationUpdatedTimestamp=place.ago(days=364, hours=23),
    )


@alarms.variant("scaling", characters={"ordinary": 1, "exemplary": 1})
def scaling(place: Place) -> None:
    """Alarms of target tracking, and one that tells people as well."""
    policy = place.arn("autoscaling", f"scalingPolicy:{place.uuid('policy')}:resource/ecs/service")
    put_alarm(place, "TargetTracking-service/shop-AlarmHigh", (policy,))
    put_alarm(
        place,
        "orders-errors",
        (policy, put_topic(place, "on-call")),
        AlarmDescription="runbook: orders/scaling",
    )


@alarms.variant("guarding", characters={"ordinary": 1})
def guarding(place: Place) -> None:
    """Silent, but deployments stop on it where a group of CodeDeploy names it."""
    put_alarm(place, "shop-5xx", ())


@alarms.variant("in_alarm", characters={"ordinary": 1, "neglected": 1})
def in_alarm(place: Place) -> None:
    """For three days and a second; for an hour less; and one that tells of updates only."""
    put_alarm(
        place,
        "orders-errors",
        StateValue="ALARM",
        StateTransitionedTimestamp=place.ago(days=3, seconds=1),
    )
    lately = place.ago(days=2, hours=23)
    put_alarm(place, "orders-latency", StateValue="ALARM", StateTransitionedTimestamp=lately)
    put_alarm(
        place,
        "orders-queue",
        StateValue="ALARM",
        StateUpdatedTimestamp=lately,
        StateTransitionedTimestamp=None,
    )


@alarms.variant("none", characters={"new": 2, "neglected": 1})
def none(place: Place) -> None:
    """No metric alarm at all."""
