"""Buckets of trails for the tables of the checks: protected and kept, unless told otherwise."""

from findings.facts.s3 import LifecycleRule, TrailBucket

ALL_BLOCKED = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)


def rule(**fields):
    given = {
        "is_enabled": True,
        "prefix": "",
        "has_tags": False,
        "moves": True,
        "expiration_days": None,
        "expires_on": None,
    }
    return LifecycleRule(**(given | fields))


def bucket(name="audit-logs", **fields):
    given = {
        "blocked": ALL_BLOCKED,
        "versioning": "Enabled",
        "has_mfa_delete": False,
        "has_object_lock": True,
        "log_bucket": "access-logs",
        "lifecycle_rules": (rule(),),
    }
    return TrailBucket(name=name, **(given | fields))
