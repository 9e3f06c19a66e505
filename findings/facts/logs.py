"""Facts of CloudWatch Logs."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact


class LogGroup(Fact, kind="logs.log_group", identity=("name",), volatile=("stored_bytes",)):
    """A log group; without ``retention_days`` it keeps its events for ever.

    ``log_class`` is STANDARD, INFREQUENT_ACCESS, DELIVERY or ESSENTIALS.
    """

    name: str
    arn: str
    log_class: str
    retention_days: int | None
    retention_policy: str | None
    key_id: str | None
    created_at: datetime | None
    metric_filters: int
    is_deletion_protected: bool
    data_protection: str | None
    stored_bytes: int | None
