"""Facts of CloudTrail."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record


class EventSelector(Record):
    """A basic selector; ``read_write`` is All, ReadOnly or WriteOnly."""

    read_write: str
    includes_management_events: bool
    excluded_sources: tuple[str, ...]
    data_resource_types: tuple[str, ...]


class FieldSelector(Record):
    """One field of an advanced selector: all of its operators must hold, any value of each."""

    field: str
    equals: tuple[str, ...]
    starts_with: tuple[str, ...]
    ends_with: tuple[str, ...]
    not_equals: tuple[str, ...]
    not_starts_with: tuple[str, ...]
    not_ends_with: tuple[str, ...]


class AdvancedSelector(Record):
    """Events that all of its fields select."""

    fields: tuple[FieldSelector, ...]


class Trail(
    Fact,
    kind="cloudtrail.trail",
    identity=("arn",),
    volatile=("delivered_at", "digest_delivered_at", "logs_delivered_at", "notified_at"),
):
    """A trail as one region of one account sees it.

    A multi-region trail is seen in every region, an organization's trail in every account too: such
    a sighting ``is_shadow``, and its selectors are told at its home, in its owner's account, only.
    """

    arn: str
    name: str
    owner: str
    home_region: str
    is_shadow: bool
    is_multi_region: bool
    is_organization: bool
    includes_global_events: bool
    validates_files: bool
    bucket: str | None
    key_id: str | None
    log_group_arn: str | None
    topic_arn: str | None
    has_insight_selectors: bool
    is_logging: bool
    started_at: datetime | None
    stopped_at: datetime | None
    delivery_error: str | None
    digest_error: str | None
    logs_error: str | None
    notification_error: str | None
    delivered_at: datetime | None
    digest_delivered_at: datetime | None
    logs_delivered_at: datetime | None
    notified_at: datetime | None
    selectors: tuple[EventSelector, ...]
    advanced_selectors: tuple[AdvancedSelector, ...]
