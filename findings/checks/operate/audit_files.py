"""O2: the files of the record are encrypted, protected and kept.

Bucket and key of a trail usually belong to another account of the organization.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    any_of,
    every,
    failed,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import Days, Flag
from findings.checks.trails import judged_at_home
from findings.facts.base import Facts, Place, Scope, not_supplied, not_told
from findings.facts.cloudtrail import Trail
from findings.facts.kms import Key
from findings.facts.s3 import LifecycleRule, TrailBucket

PUBLIC_ACCESS_SETTINGS = 4
KEY_ARN = re.compile(r"arn:[\w-]+:kms:([\w-]+):(\d{12}):key/.+")


@Check(
    title="Encrypt trail logs with a customer managed key",
    row=Row.AUDIT,
    resource=Trail,
    needs=(At(Scope.ORGANIZATION, Key),),
    severity=Severity.MEDIUM,
    best_practices=("OPS01-BP04",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    not_applicable_when="The trail is judged at its home.",
    remediation="Create a key in the bucket's Region whose policy admits CloudTrail and the readers"
    " of the files, and set it on the trail; where the key is disabled or to be deleted, enable it"
    " again or cancel its deletion.",
    cli=(
        "aws cloudtrail update-trail --name TRAIL --kms-key-id KEY_ARN",
        "aws kms enable-key --key-id KEY_ARN",
    ),
)
def cloudtrail_kms_encrypted(trail: Trail, facts: Facts, context: Context) -> Outcome:
    if trail.is_shadow:
        return judged_at_home(trail)
    if trail.key_id is None:
        return failed("it has no key")
    told = KEY_ARN.fullmatch(trail.key_id)
    if told is None:
        return unknown(not_told(Key.kind, "cloudtrail:DescribeTrails"))
    region, account = told.groups()
    key = facts.at(Key, Place(account, region)).get(trail.key_id)
    if key is None:
        return failed(f"account {account} manages no such key")
    return outcome(key.state == "Enabled", f"the key is {key.state}")


@Check(
    title="Protect the audit bucket from exposure and deletion",
    row=Row.AUDIT,
    resource=Trail,
    needs=(At(Scope.ORGANIZATION, TrailBucket),),
    severity=Severity.CRITICAL,
    best_practices=("OPS01-BP04",),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(Flag("require_lock", True),),
    not_applicable_when="The trail is judged at its home.",
    remediation="Block public access to the bucket with all four settings, turn on versioning, and"
    " turn on Object Lock with a default retention, in the template of the log archive.",
    cli=(
        "aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration"
        " BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,"
        "RestrictPublicBuckets=true",
        "aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration Status=Enabled",
        "aws s3api put-object-lock-configuration --bucket BUCKET --object-lock-configuration"
        " ObjectLockEnabled=Enabled",
    ),
)
def cloudtrail_bucket_protected(trail: Trail, facts: Facts, context: Context) -> Outcome:
    return _of_bucket(trail, facts, lambda bucket: _is_protected(bucket, context))


def _is_protected(bucket: TrailBucket, context: Context) -> Outcome:
    parts = [
        part("public access blocked", lambda: _is_blocked(bucket)),
        part("versioning", lambda: bucket.versioning == "Enabled"),
    ]
    if context.require_lock:
        lock = part("Object Lock", lambda: bucket.has_object_lock)
        multi_factor = part("MFA delete", lambda: bucket.has_mfa_delete)
        parts.append(part("Object Lock or MFA delete", lambda: any_of(lock, multi_factor)))
    return all_of(*parts)


def _is_blocked(bucket: TrailBucket) -> Outcome:
    told = f"{len(bucket.blocked)} of {PUBLIC_ACCESS_SETTINGS} settings are on"
    return outcome(len(bucket.blocked) == PUBLIC_ACCESS_SETTINGS, told)


@Check(
    title="Log access to the audit bucket",
    row=Row.AUDIT,
    resource=Trail,
    needs=(At(Scope.ORGANIZATION, TrailBucket),),
    severity=Severity.LOW,
    best_practices=("OPS01-BP04",),
    principles=(Principle.ANTICIPATE_FAILURE,),
    not_applicable_when="The trail is judged at its home.",
    remediation="Turn on server access logging of the bucket, into another bucket whose policy"
    " admits logging.s3.amazonaws.com.",
    cli=(
        "aws s3api put-bucket-logging --bucket BUCKET --bucket-logging-status"
        " LoggingEnabled={TargetBucket=LOG_BUCKET,TargetPrefix=BUCKET/}",
    ),
)
def cloudtrail_bucket_access_logged(trail: Trail, facts: Facts, context: Context) -> Outcome:
    return _of_bucket(trail, facts, _is_access_logged)


def _is_access_logged(bucket: TrailBucket) -> Outcome:
    if bucket.log_bucket is None:
        return failed(f"access to {bucket.name} is not logged")
    return passed(f"logged in {bucket.log_bucket}")


@Check(
    title="Tier and expire audit files by policy",
    row=Row.AUDIT,
    resource=Trail,
    needs=(At(Scope.ORGANIZATION, TrailBucket),),
    severity=Severity.INFORMATIONAL,
    best_practices=("OPS01-BP04",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Days("min_days", 365),),
    not_applicable_when="The trail is judged at its home.",
    remediation="Add a lifecycle rule to the bucket that moves the trail's files to an archive"
    " storage class and expires them after the retention period.",
    cli=(
        "aws s3api put-bucket-lifecycle-configuration --bucket BUCKET"
        " --lifecycle-configuration file://RULES.json",
    ),
)
def cloudtrail_bucket_lifecycle_set(trail: Trail, facts: Facts, context: Context) -> Outcome:
    return _of_bucket(trail, facts, lambda bucket: _has_lifecycle(bucket, trail, context))


def _has_lifecycle(bucket: TrailBucket, trail: Trail, context: Context) -> Outcome:
    rules = [r for r in bucket.lifecycle_rules if r.is_enabled and _concerns(r, trail)]
    return all_of(
        part(
            "moved or expired",
            lambda: any_of(rules, _moves_or_expires, none="no rule"),
        ),
        part("kept long enough", lambda: every(rules, lambda rule: _keeps(rule, context))),
    )


def _moves_or_expires(rule: LifecycleRule) -> bool:
    return rule.moves or rule.expiration_days is not None


_OF_ANOTHER_SERVICE = re.compile(r"(?:o-\w+/)?\d{12}/(?!CloudTrail)[A-Za-z]")


def _concerns(rule: LifecycleRule, trail: Trail) -> bool:
    """Whether it is about the trail's files, whose keys begin ``[prefix/]AWSLogs/``.

    There follow the organization's id for its trail, the account and ``CloudTrail``.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
    """
    files = f"{trail.key_prefix}/AWSLogs/" if trail.key_prefix else "AWSLogs/"
    if rule.has_tags:
        return False
    if files.startswith(rule.prefix):
        return True
    below = rule.prefix.removeprefix(files)
    return below != rule.prefix and _OF_ANOTHER_SERVICE.match(below) is None


def _keeps(rule: LifecycleRule, context: Context) -> Outcome:
    """What expires on a date does so at any age."""
    if rule.expires_on is not None:
        return failed(f"everything expires on {rule.expires_on:%Y-%m-%d}")
    days = rule.expiration_days
    return outcome(days is None or days >= context.min_days, f"files expire after {days} days")


def _of_bucket(trail: Trail, facts: Facts, judge: Callable[[TrailBucket], Outcome]) -> Outcome:
    """What is said of a trail's bucket, in whichever account of the organization it is."""
    if trail.is_shadow:
        return judged_at_home(trail)
    if trail.bucket is None:
        return unknown(not_told(TrailBucket.kind, "cloudtrail:DescribeTrails"))
    bucket = facts.of(TrailBucket).get(trail.bucket)
    if bucket is None:
        return unknown(not_supplied(TrailBucket.kind))
    return judge(bucket)
