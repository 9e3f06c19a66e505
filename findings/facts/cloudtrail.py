"""Facts of CloudTrail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from findings.facts.base import Fact, Record

READ, WRITE = "read", "write"
_KINDS = {"All": (READ, WRITE), "ReadOnly": (READ,), "WriteOnly": (WRITE,)}
_READ_ONLY = {"true": READ, "false": WRITE}

DataEvents = tuple[str, str]
"""A type of resource and a kind of event: ("AWS::S3::Object", "read")."""


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

    @property
    def only_excludes(self) -> bool:
        """Whether it names values that are left out, and selects in no other way."""
        others = (self.starts_with, self.ends_with, self.not_starts_with, self.not_ends_with)
        return not self.equals and not any(others)


class AdvancedSelector(Record):
    """Events that all of its fields select."""

    fields: tuple[FieldSelector, ...]


class InsightSelector(Record):
    """Unusual rates that are looked for: ApiCallRateInsight or ApiErrorRateInsight.

    Of the events of ``categories``, Management or Data; without any, of management events.
    """

    type: str
    categories: tuple[str, ...]

    @property
    def is_of_management(self) -> bool:
        return not self.categories or "Management" in self.categories


class Trail(
    Fact,
    kind="cloudtrail.trail",
    identity=("arn",),
    volatile=("delivered_at", "digest_delivered_at", "logs_delivered_at", "notified_at"),
    version=2,
    since={"key_prefix": 2, "insights": 2},
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
    key_prefix: str | None
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
    insights: tuple[InsightSelector, ...]

    @property
    def data_events(self) -> frozenset[DataEvents]:
        """Types of resources, with the kinds of their events that the selectors take."""
        basic = (
            (type_, kind)
            for selector in self.selectors
            for type_ in selector.data_resource_types
            for kind in _KINDS.get(selector.read_write, ())
        )
        return frozenset(basic) | data_events_of(self.advanced_selectors)

    @property
    def management_events(self) -> ManagementEvents:
        """What the selectors take of management events; without any AWS takes all of them."""
        if not self.selectors and not self.advanced_selectors:
            return ManagementEvents(frozenset({READ, WRITE}), frozenset())
        taken = [*map(_taken, self.selectors), *map(_taken_by_advanced, self.advanced_selectors)]
        lost = _lost(taken, READ) | _lost(taken, WRITE)
        return ManagementEvents(frozenset().union(*(found.kinds for found in taken)), lost)


@dataclass(frozen=True)
class ManagementEvents:
    """Management events of the kinds read and write, but of some services (event sources)."""

    kinds: frozenset[str]
    excluded: frozenset[str]


NONE = ManagementEvents(frozenset(), frozenset())


def _taken(selector: EventSelector) -> ManagementEvents:
    if not selector.includes_management_events:
        return NONE
    taken = frozenset(_KINDS.get(selector.read_write, ()))
    return ManagementEvents(taken, frozenset(selector.excluded_sources))


def _taken_by_advanced(selector: AdvancedSelector) -> ManagementEvents:
    """A field that narrows the selection in another way leaves nothing that is complete."""
    fields = {found.field: found for found in selector.fields}
    category = fields.pop("eventCategory", None)
    read_only = fields.pop("readOnly", None)
    source = fields.pop("eventSource", None)
    if category is None or category.equals != ("Management",) or fields:
        return NONE
    if source is not None and not source.only_excludes:
        return NONE
    taken = _kinds_of(read_only)
    return ManagementEvents(taken, frozenset(source.not_equals if source else ()))


def _kinds_of(read_only: FieldSelector | None) -> frozenset[str]:
    wanted = _READ_ONLY if read_only is None else read_only.equals
    return frozenset(_READ_ONLY[value] for value in wanted if value in _READ_ONLY)


def data_events_of(selectors: Iterable[AdvancedSelector]) -> frozenset[DataEvents]:
    """What advanced selectors take of data events, of all resources of a type or of some."""
    taken: set[DataEvents] = set()
    for selector in selectors:
        fields = {found.field: found for found in selector.fields}
        category, types = fields.get("eventCategory"), fields.get("resources.type")
        if category is not None and category.equals == ("Data",) and types is not None:
            kinds = _kinds_of(fields.get("readOnly"))
            taken.update((type_, kind) for type_ in types.equals for kind in kinds)
    return frozenset(taken)


def _lost(taken: Iterable[ManagementEvents], kind: str) -> frozenset[str]:
    """Services of which no selector takes this kind of events."""
    excluded = [found.excluded for found in taken if kind in found.kinds]
    return frozenset.intersection(*excluded) if excluded else frozenset()


class EventDataStore(Fact, kind="cloudtrail.event_data_store", identity=("arn",)):
    """An event data store of CloudTrail Lake.

    ``status`` is CREATED, ENABLED, PENDING_DELETION, STARTING_INGESTION, STOPPING_INGESTION or
    STOPPED_INGESTION.
    """

    arn: str
    name: str
    status: str
    is_multi_region: bool
    is_organization: bool
    is_protected: bool
    retention_days: int
    key_id: str | None
    advanced_selectors: tuple[AdvancedSelector, ...]

    @property
    def data_events(self) -> frozenset[DataEvents]:
        return data_events_of(self.advanced_selectors)
