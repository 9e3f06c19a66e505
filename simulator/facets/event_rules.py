"""Event rules: what responds to events, who hears of compliance, what catches the undelivered.

A rule that starts something by itself is marked `_responds`, one that passes compliance changes on
`_routes_compliance`: what a region as a whole is judged by follows from these marks. `_hears` are
the kinds of changes to the audit that it takes: of "trails", of "recorders".
"""

import json
from typing import Any

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.topics import put_topic
from simulator.operations.logs import GROUPS
from simulator.places import Place, Record

rules = Facet("events.rules")
compliance = Facet("events.compliance")

RULES = "events.rules"
REGIONS = "events.regions"
QUEUED = "eventbridge_target_dead_letter_queue"
RESPONSE = "eventbridge_automated_response_present"
COMPLIANCE = "config_compliance_changes_routed"
TASK_STOPPED = {"source": ["aws.ecs"], "detail-type": ["ECS Task State Change"]}
NON_COMPLIANT = {
    "source": ["aws.config"],
    "detail-type": ["Config Rules Compliance Change"],
    "detail": {"newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]}},
}


def put_rule(
    place: Place, name: str, pattern: Record | None, *targets: Record, **changed: Any
) -> None:
    """An enabled rule; on the default bus, unless told otherwise."""
    place.put(
        RULES,
        {
            "Name": name,
            "Arn": place.arn("events", f"rule/{name}"),
            "EventPattern": None if pattern is None else json.dumps(pattern),
            "State": "ENABLED",
            "EventBusName": "default",
            "_targets": [{"Id": str(n), **target} for n, target in enumerate(targets, start=1)],
            **changed,
        },
    )


def target(place: Place, kind: str, *, is_caught: bool = True) -> Record:
    """A function, machine, automation, queue or topic; what it cannot take goes to a queue."""
    arns = {
        "function": place.arn("lambda", "function:restart"),
        "machine": place.arn("states", "stateMachine:recover"),
        "automation": place.arn("ssm", "automation-definition/RestartTask:$DEFAULT"),
        "queue": place.arn("sqs", "work"),
        "bus": place.arn("events", "event-bus/orders"),
    }
    arn = put_topic(place, "on-call") if kind == "topic" else arns[kind]
    dead_letters = {"Arn": place.arn("sqs", "undelivered")}
    return {"Arn": arn, "DeadLetterConfig": dead_letters} if is_caught else {"Arn": arn}


@default_answers(RULES)
def answers(place: Place, rule: Record) -> None:
    """Of each rule, whoever put it: every target that is no queue itself needs a queue."""
    exposed = [t for t in rule.get("_targets", ()) if ":sqs:" not in t["Arn"]]
    if rule.get("ManagedBy") or rule["State"] == "DISABLED" or not exposed:
        status = "not_applicable"
    else:
        status = "pass" if all("DeadLetterConfig" in t for t in exposed) else "fail"
    place.expect(QUEUED, status, resource=f"{rule.get('EventBusName', 'default')}/{rule['Name']}")


@default_answers(REGIONS)
def answers_of_region(place: Place, _region: Record) -> None:
    place.expect(RESPONSE, _response(place))
    place.expect(COMPLIANCE, _compliance(place))


def _response(place: Place) -> str:
    if any(rule.get("_responds") for rule in place.all(RULES)):
        return "pass"
    stacks = [
        s for s in place.all("cloudformation.stacks") if s["StackStatus"] != "DELETE_COMPLETE"
    ]
    has_workload = stacks or place.all("cloudwatch.alarms") or place.all(GROUPS)
    return "fail" if has_workload else "not_applicable"


def _compliance(place: Place) -> str:
    if all(recorder.get("servicePrincipal") for recorder in place.all("config.recorders")):
        return "not_applicable"
    by_rule = any(rule.get("_routes_compliance") for rule in place.all(RULES))
    channels = place.all("config.delivery_channels")
    return "pass" if by_rule or any(c.get("snsTopicARN") for c in channels) else "fail"


@rules.variant("responding", characters={"exemplary": 4, "ordinary": 2, "locked_down": 3})
def responding(place: Place) -> None:
    targets = [target(place, kind) for kind in ("function", "machine", "automation")]
    put_rule(place, "on-task-stopped", TASK_STOPPED, *targets, _responds=True)


@rules.variant("uncaught", characters={"neglected": 2, "ordinary": 2, "new": 1})
def uncaught(place: Place) -> None:
    """One target of two has no dead-letter queue."""
    exposed = target(place, "automation", is_caught=False)
    put_rule(
        place, "on-task-stopped", TASK_STOPPED, target(place, "topic"), exposed, _responds=True
    )


@rules.variant("telling", characters={"ordinary": 2, "new": 2})
def telling(place: Place) -> None:
    """People are told, nothing is done; the bus is told without a queue for what gets lost."""
    put_rule(place, "on-task-stopped", TASK_STOPPED, target(place, "topic"))
    put_rule(place, "to-orders", TASK_STOPPED, target(place, "bus", is_caught=False))


@rules.variant("of_all_management_events", characters=RARELY)
def of_all_management_events(place: Place) -> None:
    put_rule(
        place,
        "on-task-stopped",
        {"source": ["aws.ecs"], "detail-type": ["AWS API Call via CloudTrail"]},
        target(place, "machine"),
        State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        _responds=True,
    )


@rules.variant("disabled", characters={"neglected": 2, "ordinary": 1})
def disabled(place: Place) -> None:
    exposed = target(place, "function", is_caught=False)
    put_rule(place, "on-task-stopped", TASK_STOPPED, exposed, State="DISABLED")


@rules.variant("of_another_bus", characters={"ordinary": 1, "exemplary": 1})
def of_another_bus(place: Place) -> None:
    place.put("events.buses", {"Name": "orders", "Arn": place.arn("events", "event-bus/orders")})
    put_rule(
        place,
        "fulfil",
        {"source": ["shop.orders"]},
        target(place, "machine"),
        EventBusName="orders",
        Arn=place.arn("events", "rule/orders/fulfil"),
        _responds=True,
    )


@rules.variant("scheduled", characters={"neglected": 1, "new": 1, "ordinary": 1})
def scheduled(place: Place) -> None:
    """A schedule is no response; its function has no dead-letter queue."""
    exposed = target(place, "function", is_caught=False)
    put_rule(place, "nightly", None, exposed, ScheduleExpression="rate(1 day)")


@rules.variant("queueing", characters={"ordinary": 1})
def queueing(place: Place) -> None:
    put_rule(place, "to-work", TASK_STOPPED, target(place, "queue", is_caught=False))


@rules.variant("managed", characters={"ordinary": 1, "neglected": 1, "new": 1})
def managed(place: Place) -> None:
    """A service's own rule starts a function, but nobody decided on that here; an archive's too."""
    put_rule(
        place,
        "AutoScalingManagedRule",
        {"source": ["aws.ec2"]},
        target(place, "function", is_caught=False),
        ManagedBy="autoscaling.amazonaws.com",
    )
    put_rule(
        place,
        "Events-Archive-everything",
        {"replay-name": [{"exists": False}]},
        {"Arn": f"arn:aws:events:{place.region}:::"},
        ManagedBy="prod.vhs.events.aws.internal",
    )


@rules.variant("none", characters={"new": 2, "neglected": 2})
def none(place: Place) -> None:
    """No rule of its own."""


@compliance.variant("routed", characters={"exemplary": 4, "ordinary": 2, "locked_down": 3})
def routed(place: Place) -> None:
    place.put(REGIONS, {})
    put_rule(
        place, "on-non-compliant", NON_COMPLIANT, target(place, "topic"), _routes_compliance=True
    )


@compliance.variant("unrouted", characters={"neglected": 3, "ordinary": 2, "new": 2})
def unrouted(place: Place) -> None:
    place.put(REGIONS, {})


@compliance.variant("routed_by_prefix", characters={"ordinary": 1})
def routed_by_prefix(place: Place) -> None:
    """The pattern does not name the event, but takes it."""
    place.put(REGIONS, {})
    pattern = {"source": ["aws.config"], "detail-type": [{"prefix": "Config Rules"}]}
    put_rule(place, "on-non-compliant", pattern, target(place, "topic"), _routes_compliance=True)


@compliance.variant("of_other_changes", characters={"ordinary": 1, "neglected": 1})
def of_other_changes(place: Place) -> None:
    """Of what changed, but not of what complies; and of what complies again."""
    place.put(REGIONS, {})
    topic = target(place, "topic")
    pattern = {
        "source": ["aws.config"],
        "detail-type": [{"anything-but": {"prefix": "Config Rules"}}],
    }
    put_rule(place, "on-changes", pattern, topic, _hears={"recorders"})
    resolved = {"newEvaluationResult": {"complianceType": ["COMPLIANT"]}}
    put_rule(place, "on-compliant", NON_COMPLIANT | {"detail": resolved}, topic)


@compliance.variant("without_target", characters={"neglected": 1})
def without_target(place: Place) -> None:
    place.put(REGIONS, {})
    put_rule(place, "on-non-compliant", NON_COMPLIANT)
