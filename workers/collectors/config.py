"""Collectors of AWS Config: recorders, delivery channels and aggregators, with their states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, GapReason
from findings.facts.config import (
    Aggregator,
    AggregatorSource,
    AggregatorSources,
    Delivery,
    DeliveryChannel,
    Recorder,
)
from workers.collectors.base import Collector, Response, Session, pick, told

NO_RECORDER_STATE = Gap(
    kind=Recorder.kind,
    reason=GapReason.NOT_SUPPLIED,
    operation="config:DescribeConfigurationRecorderStatus",
)
NO_CHANNEL_STATE = Gap(
    kind=DeliveryChannel.kind,
    reason=GapReason.NOT_SUPPLIED,
    operation="config:DescribeDeliveryChannelStatus",
)

NOT_TOLD = Gap(
    kind=Recorder.kind,
    reason=GapReason.NOT_SUPPLIED,
    operation="config:DescribeConfigurationRecorderStatus",
)
"""Whether a recorder is recording is missing in its status."""

NO_MODE = Gap(
    kind=Recorder.kind,
    reason=GapReason.NOT_SUPPLIED,
    operation="config:DescribeConfigurationRecorders",
)
"""How often a recorder records, which AWS tells of each, is missing."""


@Collector(
    fact=Recorder,
    operations=(
        "config:DescribeConfigurationRecorders",
        "config:DescribeConfigurationRecorderStatus",
    ),
)
def recorders(session: Session) -> Iterator[Recorder]:
    client = session.client("config")
    listed = recorders_of_aws(session)
    if listed:
        states = session.detail(client.describe_configuration_recorder_status)
        for raw in listed:
            status = _of_name(
                states, "ConfigurationRecordersStatus", raw["name"], NO_RECORDER_STATE
            )
            yield parse_recorder(raw, status, session.region)


def recorders_of_aws(session: Session) -> list[Response]:
    """Without those with a connector, which record another provider's cloud."""
    found = session.items("config", "describe_configuration_recorders", "ConfigurationRecorders")
    return [raw for raw in found if not raw.get("connectorArn")]


def _of_name(states: Response | Gap, key: str, name: str, missing: Gap) -> Response | Gap:
    """What a list of states says of one name; the gap where it says nothing."""
    if isinstance(states, Gap):
        return states
    return next((state for state in states.get(key) or () if state.get("name") == name), missing)


def parse_recorder(raw: Response, status: Response | Gap, region: str) -> Recorder:
    group = raw.get("recordingGroup") or {}
    daily = (
        override
        for override in pick(raw, "recordingMode", "recordingModeOverrides", default=())
        if override["recordingFrequency"] == "DAILY"
    )
    return Recorder(
        name=raw["name"],
        region=region,
        service=raw.get("servicePrincipal"),
        role_arn=told(raw, "roleARN", Recorder, "config:DescribeConfigurationRecorders"),
        strategy=pick(group, "recordingStrategy", "useOnly"),
        # Without a recording group everything but the global types is recorded.
        all_supported=group.get("allSupported", not group),
        includes_global_types=group.get("includeGlobalResourceTypes", False),
        recorded_types=tuple(sorted(group.get("resourceTypes") or ())),
        excluded_types=tuple(
            sorted(pick(group, "exclusionByResourceTypes", "resourceTypes", default=()))
        ),
        frequency=pick(raw, "recordingMode", "recordingFrequency", default=NO_MODE),
        daily_types=tuple(sorted({name for item in daily for name in item["resourceTypes"]})),
        is_recording=pick(status, "recording", default=NOT_TOLD),
        last_status=pick(status, "lastStatus"),
        last_error_code=pick(status, "lastErrorCode"),
        last_status_changed_at=pick(status, "lastStatusChangeTime"),
    )


@Collector(
    fact=DeliveryChannel,
    operations=(
        "config:DescribeDeliveryChannels",
        "config:DescribeConfigurationRecorders",
        "config:DescribeDeliveryChannelStatus",
    ),
)
def delivery_channels(session: Session) -> Iterator[DeliveryChannel]:
    """Only a recorder of the account's own has anything to deliver by one."""
    if all(raw.get("servicePrincipal") for raw in recorders_of_aws(session)):
        return
    client = session.client("config")
    listed = list(session.items("config", "describe_delivery_channels", "DeliveryChannels"))
    if listed:
        states = session.detail(client.describe_delivery_channel_status)
        for raw in listed:
            status = _of_name(states, "DeliveryChannelsStatus", raw["name"], NO_CHANNEL_STATE)
            yield parse_delivery_channel(raw, status)


def parse_delivery_channel(raw: Response, status: Response | Gap) -> DeliveryChannel:
    return DeliveryChannel(
        name=raw["name"],
        bucket=raw.get("s3BucketName"),
        kms_key_arn=raw.get("s3KmsKeyArn"),
        topic_arn=raw.get("snsTopicARN"),
        snapshot_frequency=pick(raw, "configSnapshotDeliveryProperties", "deliveryFrequency"),
        history=_delivery(pick(status, "configHistoryDeliveryInfo", default={})),
        snapshot=_delivery(pick(status, "configSnapshotDeliveryInfo", default={})),
        stream_status=pick(status, "configStreamDeliveryInfo", "lastStatus"),
        stream_error_code=pick(status, "configStreamDeliveryInfo", "lastErrorCode"),
    )


def _delivery(raw: Response | Gap) -> Any:
    if isinstance(raw, Gap):
        return raw
    return Delivery(
        last_status=raw.get("lastStatus"),
        last_error_code=raw.get("lastErrorCode"),
        last_attempt_at=raw.get("lastAttemptTime"),
        last_success_at=raw.get("lastSuccessfulTime"),
    )


@Collector(fact=Aggregator, operations=("config:DescribeConfigurationAggregators",))
def aggregators(session: Session) -> Iterator[Aggregator]:
    for raw in session.items(
        "config", "describe_configuration_aggregators", "ConfigurationAggregators"
    ):
        yield parse_aggregator(raw, session.account)


def parse_aggregator(raw: Response, account: str) -> Aggregator:
    of_organization = raw.get("OrganizationAggregationSource")
    sources = [of_organization] if of_organization else raw.get("AccountAggregationSources") or []
    return Aggregator(
        arn=raw["ConfigurationAggregatorArn"],
        name=raw["ConfigurationAggregatorName"],
        account=account,
        of_organization=bool(of_organization),
        all_regions=any(source.get("AllAwsRegions", False) for source in sources),
        regions=tuple(sorted({name for item in sources for name in item.get("AwsRegions") or ()})),
        role_arn=pick(raw, "OrganizationAggregationSource", "RoleArn"),
    )


@Collector(
    fact=AggregatorSources,
    operations=(
        "config:DescribeConfigurationAggregators",
        "config:DescribeConfigurationAggregatorSourcesStatus",
    ),
)
def aggregator_sources(session: Session) -> Iterator[AggregatorSources]:
    client = session.client("config")
    pages = client.get_paginator("describe_configuration_aggregator_sources_status")
    for raw in session.items(
        "config", "describe_configuration_aggregators", "ConfigurationAggregators"
    ):
        asked = pages.paginate(ConfigurationAggregatorName=raw["ConfigurationAggregatorName"])
        try:
            states = session.detail(asked.build_full_result)
        except client.exceptions.NoSuchConfigurationAggregatorException:
            continue  # it was deleted after it was listed
        yield parse_aggregator_sources(raw, states)


def parse_aggregator_sources(raw: Response, states: Response | Gap) -> AggregatorSources:
    listed = pick(states, "AggregatedSourceStatusList", default=())
    if not isinstance(listed, Gap):
        listed = tuple(sorted(map(_source, listed), key=repr))
    return AggregatorSources(
        aggregator=raw["ConfigurationAggregatorArn"],
        name=raw["ConfigurationAggregatorName"],
        sources=listed,
    )


def _source(raw: Response) -> AggregatorSource:
    return AggregatorSource(
        id=raw.get("SourceId"),
        region=raw.get("AwsRegion"),
        status=raw.get("LastUpdateStatus"),
        updated_at=raw.get("LastUpdateTime"),
    )
