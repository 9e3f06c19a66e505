"""Collectors of CloudTrail: trails with their status and what they select, and data stores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, GapReason
from findings.facts.cloudtrail import (
    AdvancedSelector,
    EventDataStore,
    EventSelector,
    FieldSelector,
    InsightSelector,
    Trail,
)
from workers.collectors.base import Collector, Response, Session, pick, told

_LISTING = "cloudtrail:DescribeTrails"
_STORE = "cloudtrail:GetEventDataStore"

NOT_ASKED = Gap(
    kind=Trail.kind, reason=GapReason.NOT_SUPPLIED, operation="cloudtrail:GetEventSelectors"
)
"""Selectors, also those of insights, are told at the home of a trail, to its owner."""

NOT_TOLD = Gap(
    kind=Trail.kind, reason=GapReason.NOT_SUPPLIED, operation="cloudtrail:GetTrailStatus"
)
"""Whether a trail is logging is missing in its status."""


@Collector(
    fact=Trail,
    operations=(
        _LISTING,
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
    ),
)
def trails(session: Session) -> Iterator[Trail]:
    client = session.client("cloudtrail")
    for raw in session.items("cloudtrail", "describe_trails", "trailList"):
        is_shadow = _home(raw) != (session.account, session.region)
        try:
            # A shadow trail is known by its ARN only; each region tells its own deliveries.
            status = session.detail(client.get_trail_status, Name=raw["TrailARN"])
            selectors: Response | Gap = NOT_ASKED
            insights: Response | Gap = NOT_ASKED
            if not is_shadow:
                selectors = session.detail(client.get_event_selectors, TrailName=raw["TrailARN"])
                insights = _insights(session, raw)
        except client.exceptions.TrailNotFoundException:
            continue  # it was deleted after it was listed
        yield parse_trail(raw, status, selectors, insights, is_shadow=is_shadow)


def _insights(session: Session, raw: Response) -> Response | Gap:
    """Only a trail that has insight selectors, or does not say whether, is asked for them."""
    if raw.get("HasInsightSelectors") is False:
        return {}
    client = session.client("cloudtrail")
    try:
        return session.detail(client.get_insight_selectors, TrailName=raw["TrailARN"])
    except client.exceptions.InsightNotEnabledException:
        return {}


def _home(raw: Response) -> tuple[str, str]:
    """The account and region that a trail belongs to; its ARN names both."""
    _, _, _, region, account, _ = raw["TrailARN"].split(":", 5)
    return account, raw.get("HomeRegion") or region


def parse_trail(
    raw: Response,
    status: Response | Gap,
    selectors: Response | Gap,
    insights: Response | Gap,
    *,
    is_shadow: bool,
) -> Trail:
    owner, home_region = _home(raw)
    return Trail(
        arn=raw["TrailARN"],
        name=raw.get("Name") or raw["TrailARN"].rpartition("/")[2],
        owner=owner,
        home_region=home_region,
        is_shadow=is_shadow,
        is_multi_region=told(raw, "IsMultiRegionTrail", Trail, _LISTING),
        is_organization=told(raw, "IsOrganizationTrail", Trail, _LISTING),
        includes_global_events=told(raw, "IncludeGlobalServiceEvents", Trail, _LISTING),
        validates_files=told(raw, "LogFileValidationEnabled", Trail, _LISTING),
        bucket=raw.get("S3BucketName"),
        key_prefix=raw.get("S3KeyPrefix"),
        key_id=raw.get("KmsKeyId"),
        log_group_arn=raw.get("CloudWatchLogsLogGroupArn"),
        topic_arn=raw.get("SnsTopicARN"),
        has_insight_selectors=raw.get("HasInsightSelectors", False),
        is_logging=pick(status, "IsLogging", default=NOT_TOLD),
        started_at=pick(status, "StartLoggingTime"),
        stopped_at=pick(status, "StopLoggingTime"),
        delivery_error=_error(status, "LatestDeliveryError"),
        digest_error=_error(status, "LatestDigestDeliveryError"),
        logs_error=_error(status, "LatestCloudWatchLogsDeliveryError"),
        notification_error=_error(status, "LatestNotificationError"),
        delivered_at=pick(status, "LatestDeliveryTime"),
        digest_delivered_at=pick(status, "LatestDigestDeliveryTime"),
        logs_delivered_at=pick(status, "LatestCloudWatchLogsDeliveryTime"),
        notified_at=pick(status, "LatestNotificationTime"),
        selectors=_each(selectors, "EventSelectors", _selector),
        advanced_selectors=_each(selectors, "AdvancedEventSelectors", _advanced_selector),
        insights=_each(insights, "InsightSelectors", _insight_selector),
    )


def _error(status: Response | Gap, name: str) -> Any:
    """AWS gives an empty text, or nothing, where there was no error."""
    return pick(status, name) or None


def _each(response: Response | Gap, key: str, parse: Any) -> Any:
    found = pick(response, key, default=())
    return found if isinstance(found, Gap) else tuple(map(parse, found))


def _selector(raw: Response) -> EventSelector:
    """Absent members have the defaults that AWS documents: all management events."""
    return EventSelector(
        read_write=raw.get("ReadWriteType", "All"),
        includes_management_events=raw.get("IncludeManagementEvents", True),
        excluded_sources=tuple(sorted(raw.get("ExcludeManagementEventSources", ()))),
        data_resource_types=tuple(
            sorted(found["Type"] for found in raw.get("DataResources", ()) if found.get("Type"))
        ),
    )


def _insight_selector(raw: Response) -> InsightSelector:
    return InsightSelector(
        type=raw.get("InsightType", ""), categories=tuple(raw.get("EventCategories") or ())
    )


def _advanced_selector(raw: Response) -> AdvancedSelector:
    return AdvancedSelector(fields=tuple(map(_field_selector, raw["FieldSelectors"])))


def _field_selector(raw: Response) -> FieldSelector:
    return FieldSelector(
        field=raw["Field"],
        equals=tuple(raw.get("Equals", ())),
        starts_with=tuple(raw.get("StartsWith", ())),
        ends_with=tuple(raw.get("EndsWith", ())),
        not_equals=tuple(raw.get("NotEquals", ())),
        not_starts_with=tuple(raw.get("NotStartsWith", ())),
        not_ends_with=tuple(raw.get("NotEndsWith", ())),
    )


@Collector(
    fact=EventDataStore,
    operations=("cloudtrail:ListEventDataStores", _STORE),
)
def event_data_stores(session: Session) -> Iterator[EventDataStore]:
    client = session.client("cloudtrail")
    try:
        listed = list(session.items("cloudtrail", "list_event_data_stores", "EventDataStores"))
    except client.exceptions.UnsupportedOperationException:
        return  # a region without CloudTrail Lake
    for raw in listed:
        arn = raw["EventDataStoreArn"]
        try:
            detail = session.detail(client.get_event_data_store, EventDataStore=arn)
        except client.exceptions.EventDataStoreNotFoundException:
            continue  # it was deleted after it was listed
        yield parse_event_data_store(raw, detail)


def parse_event_data_store(listed: Response, detail: Response | Gap) -> EventDataStore:
    """The listing tells little more than ARN and name."""

    def member(name: str) -> Any:
        return detail if isinstance(detail, Gap) else told(detail, name, EventDataStore, _STORE)

    return EventDataStore(
        arn=listed["EventDataStoreArn"],
        name=listed.get("Name") or listed["EventDataStoreArn"].rpartition("/")[2],
        status=member("Status"),
        is_multi_region=member("MultiRegionEnabled"),
        is_organization=member("OrganizationEnabled"),
        is_protected=member("TerminationProtectionEnabled"),
        retention_days=member("RetentionPeriod"),
        key_id=pick(detail, "KmsKeyId"),
        advanced_selectors=_each(detail, "AdvancedEventSelectors", _advanced_selector),
    )
