"""Collector of S3: buckets that CloudTrail writes to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from findings.facts.base import Gap
from findings.facts.s3 import LifecycleRule, TrailBucket
from workers.collectors.base import Collector, Response, Session, pick

BUCKETS_A_PAGE = 1000
CLOUDTRAIL = "cloudtrail.amazonaws.com"
SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
LIKELY = re.compile(r"trail|audit|log", re.IGNORECASE)
"""Names of buckets whose policy is worth a call; without one every bucket would cost one."""

Settings = dict[str, "Response | Gap"]


class _Gone(Exception):
    """The bucket was deleted after it was listed."""


@Collector(
    fact=TrailBucket,
    operations=(
        "s3:ListBuckets",
        "s3:GetBucketPolicy",
        "s3:GetPublicAccessBlock",
        "s3:GetBucketVersioning",
        "s3:GetObjectLockConfiguration",
        "s3:GetBucketLogging",
        "s3:GetBucketLifecycleConfiguration",
        "cloudtrail:DescribeTrails",
    ),
)
def trail_buckets(session: Session) -> Iterator[TrailBucket]:
    """Those that a trail names which the account sees, and those whose policy names CloudTrail.

    A trail of the organization is seen in each account, also in the one that owns its bucket. Which
    trails of other accounts write here no account can see: their bucket's policy admits CloudTrail.
    """
    buckets = session.items(
        "s3", "list_buckets", "Buckets", PaginationConfig={"PageSize": BUCKETS_A_PAGE}
    )
    names = [raw["Name"] for raw in buckets]
    if not names:
        return
    trails = session.items("cloudtrail", "describe_trails", "trailList")
    named = {trail.get("S3BucketName") for trail in trails}
    for name in names:
        try:
            if name in named or (LIKELY.search(name) and _admits_cloudtrail(session, name)):
                yield parse_trail_bucket(name, _settings(session, name))
        except _Gone:
            continue


def _admits_cloudtrail(session: Session, name: str) -> bool:
    """Whether its policy names CloudTrail; one that is not told does not show it."""
    read = session.client("s3").get_bucket_policy
    policy = _setting(session, read, name, absent="NoSuchBucketPolicy")
    return CLOUDTRAIL in str(pick(policy, "Policy"))


def _settings(session: Session, name: str) -> Settings:
    client = session.client("s3")
    wanted = (
        ("access", client.get_public_access_block, "NoSuchPublicAccessBlockConfiguration"),
        ("versioning", client.get_bucket_versioning, ""),
        ("lock", client.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError"),
        ("logging", client.get_bucket_logging, ""),
        ("lifecycle", client.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
    )
    return {kind: _setting(session, method, name, absent=absent) for kind, method, absent in wanted}


def _setting(
    session: Session, method: Callable[..., Any], name: str, *, absent: str
) -> Response | Gap:
    """A configuration of a bucket; an empty one where the bucket has none."""
    try:
        return session.detail(method, Bucket=name)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "NoSuchBucket":
            raise _Gone from error
        if code != absent:
            raise
        return {}


def parse_trail_bucket(name: str, settings: Settings) -> TrailBucket:
    access: Any = pick(settings["access"], "PublicAccessBlockConfiguration", default={})
    if not isinstance(access, Gap):
        access = tuple(setting for setting in SETTINGS if access.get(setting))
    rules: Any = pick(settings["lifecycle"], "Rules", default=())
    if not isinstance(rules, Gap):
        rules = tuple(map(_lifecycle_rule, rules))
    locked = ("ObjectLockConfiguration", "ObjectLockEnabled")
    return TrailBucket(
        name=name,
        blocked=access,
        versioning=pick(settings["versioning"], "Status"),
        has_mfa_delete=_is(settings["versioning"], "Enabled", "MFADelete"),
        has_object_lock=_is(settings["lock"], "Enabled", *locked),
        log_bucket=pick(settings["logging"], "LoggingEnabled", "TargetBucket"),
        lifecycle_rules=rules,
    )


def _is(response: Response | Gap, value: str, *path: str) -> Any:
    found = pick(response, *path)
    return found if isinstance(found, Gap) else found == value


def _lifecycle_rule(raw: Response) -> LifecycleRule:
    """Its filter is a prefix, a tag, or several conditions at once; older rules have no filter."""
    filter_ = raw.get("Filter") or {}
    conditions = filter_.get("And") or filter_
    return LifecycleRule(
        is_enabled=raw.get("Status") == "Enabled",
        prefix=conditions.get("Prefix") or raw.get("Prefix") or "",
        has_tags=bool(conditions.get("Tag") or conditions.get("Tags")),
        moves=bool(raw.get("Transitions")),
        expiration_days=pick(raw, "Expiration", "Days"),
        expires_on=pick(raw, "Expiration", "Date"),
    )
