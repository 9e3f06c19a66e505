"""Facts of CloudWatch: alarms of all types, and when they went into ALARM."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record
from findings.facts.histories import Happening, History

SCALING_SERVICES = ("autoscaling", "application-autoscaling")


def service_of(arn: str) -> str:
    """The service in ``arn:partition:service:…``, or nothing."""
    return next(iter(arn.split(":")[2:3]), "")


class AlarmMetric(Record):
    """A metric that an alarm watches; ``account`` where it is of another account."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    account: str | None


class Alarm(
    Fact,
    kind="cloudwatch.alarm",
    identity=("name",),
    volatile=(
        "state",
        "state_updated_at",
        "state_transitioned_at",
        "evaluation_state",
        "actions_suppressed_by",
    ),
):
    """An alarm of ``type`` metric, composite or log. The state is OK, ALARM or INSUFFICIENT_DATA.

    ``children`` are the names of the alarms in a composite alarm's rule; ``suppressor`` is the name
    of the alarm that holds back its actions. ``expressions`` are the metric-math and query texts.
    """

    name: str
    arn: str
    type: str
    description: str | None
    actions_enabled: bool
    alarm_actions: tuple[str, ...]
    ok_actions: tuple[str, ...]
    insufficient_data_actions: tuple[str, ...]
    configured_at: datetime | None
    metrics: tuple[AlarmMetric, ...]
    expressions: tuple[str, ...]
    threshold_metric_id: str | None
    treat_missing_data: str | None
    children: tuple[str, ...]
    suppressor: str | None
    state: str | None
    state_updated_at: datetime | None
    state_transitioned_at: datetime | None
    evaluation_state: str | None
    actions_suppressed_by: str | None

    @property
    def in_state_since(self) -> datetime | None:
        """When the state last changed; older alarms tell only when it was last updated."""
        transitioned: datetime | None = self.state_transitioned_at
        return transitioned or self.state_updated_at

    @property
    def is_scaling_only(self) -> bool:
        """Whether the alarm does nothing but drive scaling policies."""
        return bool(self.alarm_actions) and all(
            service_of(action) in SCALING_SERVICES for action in self.alarm_actions
        )


INSTANTS = Happening(at=lambda instant: instant, same=lambda instant: instant)


class AlarmTransitions(
    Fact,
    kind="cloudwatch.alarm_transitions",
    identity=("alarm",),
    volatile=("known_from", "alarmed_at", "recovered_at"),
    version=2,
    since={"recovered_at": 2},
    kept=History("known_from", {"alarmed_at": INSTANTS, "recovered_at": INSTANTS}),
):
    """When an existing alarm went into ALARM from another state, and into OK, oldest first.

    CloudWatch keeps this history for 30 days. There is one fact per alarm, also without any.
    """

    alarm: str
    known_from: datetime
    alarmed_at: tuple[datetime, ...]
    recovered_at: tuple[datetime, ...]


class AnomalyDetector(Fact, kind="cloudwatch.anomaly_detector", identity=("subject",)):
    """A model of a metric. ``subject`` says of what: one metric and statistic, or metric math.

    The state is PENDING_TRAINING, TRAINED_INSUFFICIENT_DATA or TRAINED.
    """

    subject: str
    state: str | None
