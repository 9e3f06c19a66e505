"""Collector of AWS Step Functions. What state machines do is not asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, not_told
from findings.facts.stepfunctions import StateMachine
from workers.collectors.base import Collector, Response, Session, pick

DESCRIBE = "stepfunctions:DescribeStateMachine"
UNTOLD = not_told(StateMachine.kind, DESCRIBE)


@Collector(fact=StateMachine, operations=("stepfunctions:ListStateMachines", DESCRIBE))
def state_machines(session: Session) -> Iterator[StateMachine]:
    client = session.client("stepfunctions")
    for raw in session.items("stepfunctions", "list_state_machines", "stateMachines"):
        try:
            # Without the definition no right to decrypt it is needed.
            described = session.detail(
                client.describe_state_machine,
                stateMachineArn=raw["stateMachineArn"],
                includedData="METADATA_ONLY",
            )
        except client.exceptions.StateMachineDoesNotExist:
            continue  # it was deleted after it was listed
        yield parse_state_machine(raw, described)


def parse_state_machine(raw: Response, described: Response | Gap) -> StateMachine:
    return StateMachine(
        name=raw["name"],
        arn=raw["stateMachineArn"],
        type=raw.get("type"),
        status=pick(described, "status", default=UNTOLD),
        is_tracing_enabled=pick(described, "tracingConfiguration", "enabled", default=UNTOLD),
        logging_level=pick(described, "loggingConfiguration", "level", default=UNTOLD),
        log_destinations=_destinations(described),
    )


def _destinations(described: Response | Gap) -> Any:
    found = pick(described, "loggingConfiguration", "destinations", default=())
    if isinstance(found, Gap):
        return found
    arns = (pick(one, "cloudWatchLogsLogGroup", "logGroupArn") for one in found)
    return tuple(sorted(arn for arn in arns if arn))
