"""Trails, their status and their selectors."""

from datetime import UTC, datetime

import pytest

from findings.facts.base import GapReason
from findings.facts.cloudtrail import READ, WRITE
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.cloudtrail import event_data_stores, parse_trail, trails

HOME = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/audit"
OTHER_REGION = HOME.replace("eu-west-1", "us-east-1")
ORGANIZATION = HOME.replace("111111111111", "222222222222")


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


SETTINGS = (
    "IsMultiRegionTrail",
    "IsOrganizationTrail",
    "IncludeGlobalServiceEvents",
    "LogFileValidationEnabled",
    "HasInsightSelectors",
)


def raw(arn=HOME, **fields):
    region = arn.split(":")[3]
    off = dict.fromkeys(SETTINGS, False)
    return {"TrailARN": arn, "Name": "audit", "HomeRegion": region, **off, **fields}


def listing(session, *arns):
    listed = [raw(arn) for arn in arns]
    session.answer("cloudtrail", "describe_trails", {"trailList": listed})


def test_the_selectors_of_a_trail_are_asked_at_its_home(session):
    listing(session, HOME)
    session.answer("cloudtrail", "get_trail_status", {"IsLogging": True}, Name=HOME)
    selectors = {"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}
    session.answer("cloudtrail", "get_event_selectors", selectors, TrailName=HOME)
    (trail,) = trails(session)
    assert (trail.is_shadow, trail.is_logging) == (False, True)
    assert trail.management_events.kinds == {READ}


@pytest.mark.parametrize("arn", [OTHER_REGION, ORGANIZATION])
def test_of_a_shadow_only_the_status_is_asked_by_its_arn(session, arn):
    listing(session, arn)
    session.answer("cloudtrail", "get_trail_status", {"IsLogging": True}, Name=arn)
    (trail,) = trails(session)
    assert trail.is_shadow
    assert trail.gaps["selectors"].reason is GapReason.NOT_SUPPLIED
    assert trail.gaps.keys() == {"selectors", "advanced_selectors", "insights"}


def test_a_denied_status_costs_what_the_status_tells_and_nothing_else(session):
    listing(session, HOME)
    session.refuse("cloudtrail", "get_trail_status", "AccessDeniedException")
    session.answer("cloudtrail", "get_event_selectors", {})
    (trail,) = trails(session)
    assert trail.gaps.keys() == {
        "is_logging",
        "started_at",
        "stopped_at",
        "delivery_error",
        "digest_error",
        "logs_error",
        "notification_error",
        "delivered_at",
        "digest_delivered_at",
        "logs_delivered_at",
        "notified_at",
    }


def test_denied_selectors_are_a_gap(session):
    listing(session, HOME)
    session.answer("cloudtrail", "get_trail_status", {"IsLogging": True})
    session.refuse("cloudtrail", "get_event_selectors", "AccessDeniedException")
    (trail,) = trails(session)
    assert trail.gaps["advanced_selectors"].reason is GapReason.ACCESS_DENIED


def test_a_trail_that_was_deleted_meanwhile_is_left_out(session):
    listing(session, HOME)
    session.refuse("cloudtrail", "get_trail_status", "TrailNotFoundException")
    assert list(trails(session)) == []


def test_what_a_trail_does_not_say_is_absent():
    trail = parse_trail(raw(), {}, {}, {}, is_shadow=False)
    assert (trail.delivery_error, trail.delivered_at, trail.key_id) == (None, None, None)


def test_what_aws_always_tells_is_not_off_where_an_answer_leaves_it_out():
    trail = parse_trail({"TrailARN": HOME}, {}, {}, {}, is_shadow=False)
    assert set(trail.gaps) == {
        "is_multi_region",
        "is_organization",
        "includes_global_events",
        "validates_files",
        "is_logging",
    }


def test_the_arn_tells_name_and_home_where_the_listing_does_not():
    trail = parse_trail({"TrailARN": HOME}, {}, {}, {}, is_shadow=False)
    assert (trail.name, trail.owner, trail.home_region) == ("audit", "111111111111", "eu-west-1")


def test_a_trail_without_selectors_takes_all_management_events():
    trail = parse_trail(raw(), {}, {"EventSelectors": []}, {}, is_shadow=False)
    assert trail.management_events.kinds == {READ, WRITE}


def test_an_empty_error_is_none():
    status = {"LatestDeliveryError": "", "LatestDigestDeliveryError": "NoSuchBucket"}
    trail = parse_trail(raw(), status, {}, {}, is_shadow=False)
    assert (trail.delivery_error, trail.digest_error) == (None, "NoSuchBucket")


def test_what_a_trail_says_is_kept():
    settings = raw(
        ORGANIZATION,
        IsMultiRegionTrail=True,
        IsOrganizationTrail=True,
        IncludeGlobalServiceEvents=True,
        LogFileValidationEnabled=True,
        S3BucketName="logs",
        S3KeyPrefix="audit",
        KmsKeyId="key",
        CloudWatchLogsLogGroupArn="group",
        SnsTopicARN="topic",
        HasInsightSelectors=True,
    )
    stopped = datetime(2026, 1, 2, tzinfo=UTC)
    status = {"IsLogging": True, "StopLoggingTime": stopped, "LatestDeliveryTime": NOW}
    trail = parse_trail(settings, status, {}, {}, is_shadow=True)
    assert (trail.owner, trail.home_region, trail.name) == ("222222222222", "eu-west-1", "audit")
    assert trail.is_multi_region
    assert trail.is_organization
    assert trail.includes_global_events
    assert trail.validates_files
    assert trail.has_insight_selectors
    assert (trail.bucket, trail.key_prefix, trail.key_id) == ("logs", "audit", "key")
    assert (trail.log_group_arn, trail.topic_arn) == ("group", "topic")
    assert (trail.stopped_at, trail.delivered_at) == (stopped, NOW)


def test_selectors_of_both_sorts_are_kept():
    selectors = {
        "EventSelectors": [
            {
                "IncludeManagementEvents": False,
                "ExcludeManagementEventSources": ["kms.amazonaws.com"],
                "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
            }
        ],
        "AdvancedEventSelectors": [
            {
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Management"]},
                    {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
                ]
            }
        ],
    }
    trail = parse_trail(raw(), {}, selectors, {}, is_shadow=False)
    (basic,) = trail.selectors
    assert (basic.read_write, basic.includes_management_events) == ("All", False)
    assert basic.excluded_sources == ("kms.amazonaws.com",)
    assert basic.data_resource_types == ("AWS::S3::Object",)
    category, source = trail.advanced_selectors[0].fields
    assert (category.field, category.equals) == ("eventCategory", ("Management",))
    assert source.not_equals == ("kms.amazonaws.com",)


def asking(session, insights, **fields):
    """A trail at its home that has insight selectors, or does not say."""
    listed = {k: v for k, v in raw(**fields).items() if v is not None}
    session.answer("cloudtrail", "describe_trails", {"trailList": [listed]})
    session.answer("cloudtrail", "get_trail_status", {"IsLogging": True})
    session.answer("cloudtrail", "get_event_selectors", {})
    if isinstance(insights, str):
        session.refuse("cloudtrail", "get_insight_selectors", insights)
    else:
        answer = {"InsightSelectors": insights}
        session.answer("cloudtrail", "get_insight_selectors", answer, TrailName=HOME)
    (trail,) = trails(session)
    return trail


@pytest.mark.parametrize("told", [True, None])
def test_insights_are_asked_of_a_trail_that_may_have_some(session, told):
    selectors = [
        {"InsightType": "ApiCallRateInsight"},
        {"InsightType": "ApiErrorRateInsight", "EventCategories": ["Data"]},
    ]
    trail = asking(session, selectors, HasInsightSelectors=told)
    assert [(found.type, found.is_of_management) for found in trail.insights] == [
        ("ApiCallRateInsight", True),
        ("ApiErrorRateInsight", False),
    ]


def test_a_trail_without_insights_is_answered_by_an_error(session):
    trail = asking(session, "InsightNotEnabledException", HasInsightSelectors=None)
    assert trail.insights == ()


def test_denied_insights_are_a_gap(session):
    trail = asking(session, "AccessDeniedException", HasInsightSelectors=True)
    assert trail.gaps.keys() == {"insights"}


STORE = "arn:aws:cloudtrail:eu-west-1:111111111111:eventdatastore/a"


def stores(session, detail):
    listed = [{"EventDataStoreArn": STORE}]
    session.answer("cloudtrail", "list_event_data_stores", {"EventDataStores": listed})
    if isinstance(detail, str):
        session.refuse("cloudtrail", "get_event_data_store", detail)
    else:
        session.answer("cloudtrail", "get_event_data_store", detail, EventDataStore=STORE)
    return list(event_data_stores(session))


def test_what_a_store_says_is_kept(session):
    (store,) = stores(
        session,
        {
            "Status": "ENABLED",
            "MultiRegionEnabled": True,
            "OrganizationEnabled": False,
            "TerminationProtectionEnabled": True,
            "RetentionPeriod": 365,
            "KmsKeyId": "key",
            "AdvancedEventSelectors": [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Data"]},
                        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                        {"Field": "readOnly", "Equals": ["true"]},
                    ]
                }
            ],
        },
    )
    assert (store.name, store.status, store.retention_days) == ("a", "ENABLED", 365)
    assert (store.is_multi_region, store.is_organization, store.is_protected) == (True, False, True)
    assert (store.key_id, store.data_events) == ("key", {("AWS::S3::Object", READ)})


def test_stores_of_all_pages_are_kept(session):
    first = {"EventDataStores": [{"EventDataStoreArn": STORE}], "NextToken": "more"}
    session.answer("cloudtrail", "list_event_data_stores", first)
    second = {"EventDataStores": [{"EventDataStoreArn": f"{STORE}b"}]}
    session.answer("cloudtrail", "list_event_data_stores", second, NextToken="more")
    for _ in range(2):
        session.answer("cloudtrail", "get_event_data_store", {})
    assert [store.name for store in event_data_stores(session)] == ["a", "ab"]


def test_a_store_that_is_not_told_is_known_by_its_arn(session):
    (store,) = stores(session, "AccessDeniedException")
    assert store.arn == STORE
    assert len(store.gaps) == 7


def test_what_a_store_leaves_out_is_not_told(session):
    (store,) = stores(session, {})
    assert store.key_id is None
    assert store.gaps.keys() == {
        "status",
        "is_multi_region",
        "is_organization",
        "is_protected",
        "retention_days",
    }


def test_a_store_that_was_deleted_meanwhile_is_left_out(session):
    assert stores(session, "EventDataStoreNotFoundException") == []


def test_a_region_without_lake_has_no_store(session):
    session.refuse("cloudtrail", "list_event_data_stores", "UnsupportedOperationException")
    assert list(event_data_stores(session)) == []
