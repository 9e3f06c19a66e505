"""Collector of EventBridge: the rules of all buses, and where they send events."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.base import Gap, GapReason
from findings.facts.events import Rule, Target
from workers.collectors.base import Collector, Response, Session, pick, told

NOT_ASKED = Gap(kind=Rule.kind, reason=GapReason.NOT_SUPPLIED, operation="events:ListTargetsByRule")
"""Targets of a disabled rule are not asked for: nothing is sent there."""


@Collector(
    fact=Rule,
    operations=("events:ListEventBuses", "events:ListRules", "events:ListTargetsByRule"),
)
def rules(session: Session) -> Iterator[Rule]:
    client = session.client("events")
    for bus in session.items("events", "list_event_buses", "EventBuses"):
        for raw in session.items("events", "list_rules", "Rules", EventBusName=bus["Name"]):
            try:
                targets = _targets(session, raw, bus["Name"])
            except client.exceptions.ResourceNotFoundException:
                continue  # it was deleted after it was listed
            yield parse_rule(raw, targets)


def _targets(session: Session, rule: Response, bus: str) -> Response | Gap:
    if rule.get("State") == "DISABLED":
        return NOT_ASKED
    paginator = session.client("events").get_paginator("list_targets_by_rule")
    return session.detail(paginator.paginate(Rule=rule["Name"], EventBusName=bus).build_full_result)


def parse_rule(raw: Response, targets: Response | Gap) -> Rule:
    found = pick(targets, "Targets", default=())
    if not isinstance(found, Gap):
        found = tuple(sorted(map(_target, found), key=lambda target: target.id))
    return Rule(
        bus=raw.get("EventBusName", "default"),
        name=raw["Name"],
        arn=told(raw, "Arn", Rule, "events:ListRules"),
        state=raw.get("State"),
        pattern=raw.get("EventPattern"),
        schedule=raw.get("ScheduleExpression"),
        managed_by=raw.get("ManagedBy"),
        targets=found,
    )


def _target(raw: Response) -> Target:
    return Target(
        id=raw["Id"],
        arn=raw["Arn"],
        dead_letter_arn=pick(raw, "DeadLetterConfig", "Arn"),
    )
