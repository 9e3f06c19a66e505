"""Facts of EventBridge: rules, and what their patterns select."""

from __future__ import annotations

from findings.facts.base import Fact, Record
from findings.facts.event_patterns import Event, may_match

DEFAULT_BUS = "default"
ENABLED = ("ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
USER_NOTIFICATIONS = "notifications.amazonaws.com"


class Target(Record):
    """Where a rule sends events; what it sends is not kept."""

    id: str
    arn: str
    dead_letter_arn: str | None


class Rule(Fact, kind="events.rule", identity=("bus", "name")):
    """A rule of a bus: by ``pattern`` (JSON), by ``schedule``, or both.

    ``managed_by`` names the AWS service that owns it. Targets are asked of rules that may run.
    """

    bus: str
    name: str
    arn: str
    state: str | None
    pattern: str | None
    schedule: str | None
    managed_by: str | None
    targets: tuple[Target, ...]

    @property
    def is_enabled(self) -> bool:
        return self.state in ENABLED

    @property
    def is_operators(self) -> bool:
        """Whether people decide what it does: AWS services own rules for their own ends, such as
        archives, but those of User Notifications are made by people."""
        return self.managed_by in (None, USER_NOTIFICATIONS)

    def routes(self, event: Event) -> bool:
        """Whether it takes an event of AWS: these arrive on the default bus only."""
        return (
            self.bus == DEFAULT_BUS
            and self.is_enabled
            and self.is_operators
            and self.pattern is not None
            and may_match(self.pattern, event)
        )
