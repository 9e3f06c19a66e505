"""Facts of AWS Step Functions."""

from __future__ import annotations

from findings.facts.base import Fact


class StateMachine(Fact, kind="stepfunctions.state_machine", identity=("name",)):
    """A state machine; its definition is not kept.

    ``type`` is STANDARD or EXPRESS, ``status`` ACTIVE or DELETING. ``logging_level`` is ALL, ERROR,
    FATAL or OFF, and ``log_destinations`` the ARNs of the log groups.
    """

    name: str
    arn: str
    type: str | None
    status: str | None
    is_tracing_enabled: bool
    logging_level: str
    log_destinations: tuple[str, ...]
