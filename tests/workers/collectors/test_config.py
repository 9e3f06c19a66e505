"""Recorders, delivery channels and aggregators."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.config import (
    aggregator_sources,
    aggregators,
    delivery_channels,
    parse_aggregator,
    parse_delivery_channel,
    parse_recorder,
    recorders,
)

REGION = "eu-west-1"
DEFAULT = {"name": "default"}


def parsed_recorder(group=None, status=None, **fields):
    raw = DEFAULT | fields | ({"recordingGroup": group} if group is not None else {})
    return parse_recorder(raw, status or {}, REGION)


def test_without_a_recording_group_all_but_the_global_types_are_recorded():
    recorder = parsed_recorder()
    assert (recorder.all_supported, recorder.includes_global_types) == (True, False)
    assert (recorder.chooses_types, recorder.records_iam_types) == (False, False)
    assert (recorder.last_status, recorder.service) == (None, None)


def test_a_recorder_whose_status_does_not_say_so_is_not_taken_as_stopped():
    assert "is_recording" in parsed_recorder().gaps


def test_a_recorder_always_has_a_role_and_a_frequency():
    assert {"role_arn", "frequency"} <= set(parsed_recorder().gaps)
    mode = {"recordingFrequency": "DAILY"}
    recorder = parsed_recorder(roleARN="arn:aws:iam::1:role/config", recordingMode=mode)
    assert (recorder.role_arn, recorder.frequency) == ("arn:aws:iam::1:role/config", "DAILY")


def test_a_recorder_of_all_types_may_include_the_global_ones():
    group = {
        "allSupported": True,
        "includeGlobalResourceTypes": True,
        "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"},
    }
    assert parsed_recorder(group).records_iam_types


def test_an_excluding_recorder_records_the_types_of_iam_unless_it_names_them_all():
    named = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"]

    def excluding(types):
        return parsed_recorder(
            {
                "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
                "exclusionByResourceTypes": {"resourceTypes": types},
            }
        )

    assert excluding(named[:3]).records_iam_types
    assert not excluding(named).records_iam_types
    assert excluding(named).chooses_types


def test_a_recorder_that_lists_its_types_says_so_without_a_strategy():
    recorder = parsed_recorder({"allSupported": False, "resourceTypes": ["AWS::IAM::User"]})
    assert (recorder.chooses_types, recorder.records_iam_types) == (True, True)


def test_a_service_owns_its_recorder_and_types_may_be_recorded_daily():
    mode = {
        "recordingFrequency": "CONTINUOUS",
        "recordingModeOverrides": [
            {"resourceTypes": ["AWS::EC2::Volume"], "recordingFrequency": "DAILY"},
            {"resourceTypes": ["AWS::S3::Bucket"], "recordingFrequency": "CONTINUOUS"},
        ],
    }
    recorder = parsed_recorder(servicePrincipal="securityhub.amazonaws.com", recordingMode=mode)
    assert recorder.service == "securityhub.amazonaws.com"
    assert (recorder.frequency, recorder.daily_types) == ("CONTINUOUS", ("AWS::EC2::Volume",))


def recorder_session():
    session = StubbedSession()
    found = {"ConfigurationRecorders": [DEFAULT]}
    session.answer("config", "describe_configuration_recorders", found)
    return session


def test_the_state_of_a_recorder_is_found_by_its_name():
    session = recorder_session()
    states = [{"name": "other", "recording": False}, {**DEFAULT, "recording": True}]
    session.answer(
        "config",
        "describe_configuration_recorder_status",
        {"ConfigurationRecordersStatus": states},
    )
    (recorder,) = recorders(session)
    assert (recorder.is_recording, recorder.region) == (True, REGION)


def test_a_refused_state_leaves_the_recorder_known():
    session = recorder_session()
    code = "AccessDeniedException"
    session.refuse("config", "describe_configuration_recorder_status", code)
    (recorder,) = recorders(session)
    assert "is_recording" in recorder.gaps
    assert "strategy" not in recorder.gaps


def test_a_recorder_without_a_state_is_not_known_to_stand_still():
    session = recorder_session()
    session.answer(
        "config", "describe_configuration_recorder_status", {"ConfigurationRecordersStatus": []}
    )
    (recorder,) = recorders(session)
    assert recorder.gaps["is_recording"].reason is GapReason.NOT_SUPPLIED


def test_a_recorder_of_another_cloud_is_left_out():
    session = StubbedSession()
    other = {"name": "azure", "connectorArn": "arn:aws:config:eu-west-1:1:connector/a"}
    session.answer(
        "config", "describe_configuration_recorders", {"ConfigurationRecorders": [other]}
    )
    assert list(recorders(session)) == []


def test_no_state_is_asked_for_where_there_is_nothing():
    session = StubbedSession()
    session.answer("config", "describe_configuration_recorders", {"ConfigurationRecorders": []})
    assert list(recorders(session)) == []
    recording(session)
    session.answer("config", "describe_delivery_channels", {"DeliveryChannels": []})
    assert list(delivery_channels(session)) == []
    session.assert_all_asked()


def recording(session, **fields):
    recorder = DEFAULT | fields
    answer = {"ConfigurationRecorders": [recorder]}
    session.answer("config", "describe_configuration_recorders", answer)


@pytest.mark.parametrize("other", ["servicePrincipal", "connectorArn"])
def test_only_a_recorder_of_the_accounts_own_delivers_by_a_channel(other):
    session = StubbedSession()
    recording(session, **{other: "config.amazonaws.com"})
    assert list(delivery_channels(session)) == []
    session.assert_all_asked()


# The example of the documentation of DescribeDeliveryChannelStatus, spelled as it is there.
DOCUMENTED = {
    "name": "default",
    "configStreamDeliveryInfo": {"lastStatus": "SUCCESS", "lastStatusChangeTime": NOW},
    "configHistoryDeliveryInfo": {"lastStatus": "SUCCESS", "lastSuccessfulTime": NOW},
    "configSnapshotDeliveryInfo": {
        "lastStatus": "SUCCESS",
        "lastAttemptTime": NOW,
        "lastSuccessfulTime": NOW,
    },
}


def test_the_example_of_the_documentation_is_read():
    channel = parse_delivery_channel(DEFAULT | {"s3BucketName": "config-bucket"}, DOCUMENTED)
    assert (channel.bucket, channel.topic_arn) == ("config-bucket", None)
    assert (channel.history.last_status, channel.history.last_attempt_at) == ("SUCCESS", None)
    assert channel.snapshot.last_success_at == NOW
    assert channel.stream_status == "SUCCESS"


def test_deliveries_that_were_never_tried_are_empty():
    channel = parse_delivery_channel(DEFAULT, DEFAULT)
    assert channel.history == channel.snapshot
    assert (channel.history.last_status, channel.history.last_success_at) == (None, None)


def test_a_refused_state_leaves_the_channel_known():
    session = StubbedSession()
    channel = DEFAULT | {"snsTopicARN": "arn:topic"}
    recording(session)
    session.answer("config", "describe_delivery_channels", {"DeliveryChannels": [channel]})
    session.refuse("config", "describe_delivery_channel_status", "AccessDeniedException")
    (found,) = delivery_channels(session)
    assert found.topic_arn == "arn:topic"
    assert set(found.gaps) == {"history", "snapshot", "stream_status", "stream_error_code"}


AGGREGATOR = {
    "ConfigurationAggregatorName": "all",
    "ConfigurationAggregatorArn": "arn:aws:config:eu-west-1:1:config-aggregator/all",
}


def test_an_aggregator_is_of_an_organization_or_of_accounts():
    role = {"RoleArn": "arn:aws:iam::1:role/config"}
    wide = parse_aggregator(
        AGGREGATOR | {"OrganizationAggregationSource": role | {"AllAwsRegions": True}}, "1"
    )
    assert (wide.of_organization, wide.all_regions, wide.role_arn) == (True, True, role["RoleArn"])
    sources = [{"AccountIds": ["2"], "AwsRegions": ["us-east-1"]}]
    narrow = parse_aggregator(AGGREGATOR | {"AccountAggregationSources": sources}, "1")
    assert (narrow.of_organization, narrow.all_regions) == (False, False)
    assert narrow.regions == ("us-east-1",)


def test_regions_that_are_not_told_are_not_all_regions():
    role = {"RoleArn": "arn:aws:iam::1:role/config"}
    assert not parse_aggregator(
        AGGREGATOR | {"OrganizationAggregationSource": role}, "1"
    ).all_regions


def test_an_aggregator_knows_the_account_it_stands_in():
    session = StubbedSession()
    found = {"ConfigurationAggregators": [AGGREGATOR]}
    session.answer("config", "describe_configuration_aggregators", found)
    (aggregator,) = aggregators(session)
    assert aggregator.account == session.account


SOURCE = {"SourceId": "2", "SourceType": "ACCOUNT", "AwsRegion": "us-east-1"}


def sources_session():
    session = StubbedSession()
    found = {"ConfigurationAggregators": [AGGREGATOR]}
    session.answer("config", "describe_configuration_aggregators", found)
    return session


def test_sources_are_read_page_by_page_without_their_messages():
    session = sources_session()
    told = {"LastUpdateStatus": "FAILED", "LastUpdateTime": NOW, "LastErrorMessage": "role/secret"}
    method = "describe_configuration_aggregator_sources_status"
    named = {"ConfigurationAggregatorName": "all"}
    first = {"AggregatedSourceStatusList": [SOURCE], "NextToken": "more"}
    session.answer("config", method, first, **named)
    second = {"AggregatedSourceStatusList": [SOURCE | told]}
    session.answer("config", method, second, **named, NextToken="more")
    (found,) = aggregator_sources(session)
    told = {(one.id, one.region, one.status, one.updated_at) for one in found.sources}
    assert told == {("2", "us-east-1", None, None), ("2", "us-east-1", "FAILED", NOW)}
    assert "secret" not in repr(found)
    session.assert_all_asked()


def test_refused_sources_leave_the_aggregator_known():
    session = sources_session()
    method = "describe_configuration_aggregator_sources_status"
    session.refuse("config", method, "AccessDeniedException")
    (found,) = aggregator_sources(session)
    assert set(found.gaps) == {"sources"}


def test_an_aggregator_that_was_deleted_meanwhile_is_left_out():
    session = sources_session()
    method = "describe_configuration_aggregator_sources_status"
    session.refuse("config", method, "NoSuchConfigurationAggregatorException")
    assert list(aggregator_sources(session)) == []
