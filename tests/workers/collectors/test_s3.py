"""Buckets of trails: which are looked at, and what is kept of them."""

from datetime import UTC, datetime

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.s3 import parse_trail_bucket, trail_buckets

METHODS = (
    "get_public_access_block",
    "get_bucket_versioning",
    "get_object_lock_configuration",
    "get_bucket_logging",
    "get_bucket_lifecycle_configuration",
)
ABSENT = {
    "get_public_access_block": "NoSuchPublicAccessBlockConfiguration",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
}


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def listing(session, *names, trail="audit"):
    buckets = {"Buckets": [{"Name": name} for name in names]}
    session.answer("s3", "list_buckets", buckets, MaxBuckets=1000)
    trails = {"trailList": [{"S3BucketName": trail}, {}]}
    session.answer("cloudtrail", "describe_trails", trails)


def nothing(session):
    """A bucket without any configuration."""
    for method in METHODS:
        if method in ABSENT:
            session.refuse("s3", method, ABSENT[method])
        else:
            session.answer("s3", method, {})


def parsed(**settings):
    names = ("access", "versioning", "lock", "logging", "lifecycle")
    empty = {name: {} for name in names}
    return parse_trail_bucket("audit", empty | settings)


def test_a_bucket_that_a_trail_names_is_looked_at_whatever_it_is_called(session):
    listing(session, "x", "y", trail="x")
    nothing(session)
    assert [bucket.name for bucket in trail_buckets(session)] == ["x"]


def test_of_other_buckets_those_whose_name_and_policy_speak_of_records(session):
    listing(session, "assets", "central-logs", "elb-logs", "no-policy-logs", trail="elsewhere")
    for name, policy in (("central-logs", "cloudtrail"), ("elb-logs", "elasticloadbalancing")):
        answer = {"Policy": f'{{"Service": "{policy}.amazonaws.com"}}'}
        session.answer("s3", "get_bucket_policy", answer, Bucket=name)
        if name == "central-logs":
            nothing(session)
    session.refuse("s3", "get_bucket_policy", "NoSuchBucketPolicy")
    assert [bucket.name for bucket in trail_buckets(session)] == ["central-logs"]


def test_a_policy_that_is_not_told_shows_nothing(session):
    listing(session, "logs")
    session.refuse("s3", "get_bucket_policy", "AccessDeniedException")
    assert list(trail_buckets(session)) == []


def test_an_account_without_buckets_costs_one_call(session):
    session.answer("s3", "list_buckets", {"Buckets": []})
    assert list(trail_buckets(session)) == []


def test_what_a_bucket_has_not_is_absent(session):
    listing(session, "audit")
    nothing(session)
    (bucket,) = trail_buckets(session)
    assert bucket.gaps == {}
    assert (bucket.blocked, bucket.versioning, bucket.log_bucket) == ((), None, None)
    assert (bucket.has_object_lock, bucket.has_mfa_delete) == (False, False)
    assert bucket.lifecycle_rules == ()


def test_a_denied_setting_costs_that_setting(session):
    listing(session, "audit")
    for method in METHODS:
        session.refuse("s3", method, "AccessDeniedException")
    (bucket,) = trail_buckets(session)
    assert bucket.gaps.keys() == {
        "blocked",
        "versioning",
        "has_mfa_delete",
        "has_object_lock",
        "log_bucket",
        "lifecycle_rules",
    }
    assert {gap.reason for gap in bucket.gaps.values()} == {GapReason.ACCESS_DENIED}


@pytest.mark.parametrize("name", ["audit", "other-logs"])
def test_a_bucket_that_was_deleted_meanwhile_is_left_out(session, name):
    listing(session, name)
    method = "get_bucket_policy" if name == "other-logs" else "get_public_access_block"
    session.refuse("s3", method, "NoSuchBucket")
    assert list(trail_buckets(session)) == []


def test_settings_that_are_on_are_kept():
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "RestrictPublicBuckets": True}
    bucket = parsed(
        access={"PublicAccessBlockConfiguration": block},
        versioning={"Status": "Suspended", "MFADelete": "Enabled"},
        lock={"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
        logging={"LoggingEnabled": {"TargetBucket": "access", "TargetPrefix": ""}},
    )
    assert bucket.blocked == ("BlockPublicAcls", "RestrictPublicBuckets")
    assert (bucket.versioning, bucket.has_mfa_delete) == ("Suspended", True)
    assert (bucket.has_object_lock, bucket.log_bucket) == (True, "access")


@pytest.mark.parametrize(
    ("raw", "prefix", "has_tags"),
    [
        ({"Prefix": "old/"}, "old/", False),
        ({"Filter": {"Prefix": "new/"}}, "new/", False),
        ({"Filter": {}}, "", False),
        ({"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, "", True),
        (
            {"Filter": {"And": {"Prefix": "both/", "Tags": [{"Key": "a", "Value": "b"}]}}},
            "both/",
            True,
        ),
    ],
)
def test_a_rule_says_in_several_ways_which_objects_it_is_for(raw, prefix, has_tags):
    (rule,) = parsed(lifecycle={"Rules": [{"Status": "Enabled", **raw}]}).lifecycle_rules
    assert (rule.prefix, rule.has_tags) == (prefix, has_tags)


def test_a_rule_moves_and_expires():
    date = datetime(2027, 1, 1, tzinfo=UTC)
    raws = [
        {"Status": "Enabled", "Transitions": [{"Days": 30}], "Expiration": {"Days": 400}},
        {"Status": "Disabled", "Expiration": {"Date": date}},
        {"Status": "Enabled", "Expiration": {"ExpiredObjectDeleteMarker": True}},
    ]
    rules = parsed(lifecycle={"Rules": raws}).lifecycle_rules
    assert [(r.is_enabled, r.moves, r.expiration_days, r.expires_on) for r in rules] == [
        (True, True, 400, None),
        (False, False, None, date),
        (True, False, None, None),
    ]
