"""Buckets that trails write to: the account's own and those of the log archive.

`_says` of a bucket is what the checks say of every trail that writes to it.
"""

import json
from typing import Any

from simulator.facets.archive import archive_of, archive_place
from simulator.facets.base import ACCOUNT, ORGANIZATION, RARELY, Facet, default_answers
from simulator.facets.trail_records import (
    ACCESS_LOGGED,
    CENTRAL_BUCKET,
    KEPT,
    ORGANIZATION_BUCKET,
    PROTECTED,
)
from simulator.operations.cloudtrail import TRAILS
from simulator.operations.s3 import BUCKETS
from simulator.places import AccountPlace, OrganizationPlace, Place, Record, Spot

own = Facet("s3.trail_bucket", level=ACCOUNT)
central = Facet("s3.central_buckets", level=ORGANIZATION)

OF_BUCKETS = (PROTECTED, ACCESS_LOGGED, KEPT)
BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
VERSIONED = {"Status": "Enabled"}
LOCKED = {
    "ObjectLockEnabled": "Enabled",
    "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}},
}
TIERED = {
    "ID": "tier",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
    "Expiration": {"Days": 2555},
}


def policy_for(service: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "s3:PutObject",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def put_bucket(
    spot: Spot, name: str, *, writer: str = "cloudtrail.amazonaws.com", **members: Any
) -> Record:
    """A bucket that has nothing but a policy, unless told otherwise."""
    return spot.put(
        BUCKETS,
        {
            "Name": name,
            "CreationDate": spot.ago(days=300),
            "_policy": policy_for(writer),
            **members,
        },
    )


def put_good_bucket(spot: Spot, name: str, **members: Any) -> Record:
    given: Record = {
        "_public_access_block": BLOCKED,
        "_versioning": VERSIONED,
        "_object_lock": LOCKED,
        "_logging": {"TargetBucket": f"access-logs-{spot.account.id}", "TargetPrefix": "trail/"},
        "_lifecycle": [TIERED],
        "_says": says(),
    }
    return put_bucket(spot, name, **(given | members))


def says(protected: str = "pass", logged: str = "pass", kept: str = "pass") -> dict[str, str]:
    return dict(zip(OF_BUCKETS, (protected, logged, kept), strict=True))


@default_answers(TRAILS)
def answers_of_bucket(place: Place, trail: Record) -> None:
    """A bucket that no collected account has says nothing."""
    name = trail["S3BucketName"]
    bucket = place.parent.find(BUCKETS, Name=name)
    archive = archive_place(place.world)
    if bucket is None and archive is not None:
        bucket = archive.find(BUCKETS, Name=name)
    answers = bucket["_says"] if bucket else says("unknown", "unknown", "unknown")
    for check, status in answers.items():
        place.expect(check, status, resource=trail["TrailARN"])


# the account's own bucket
def _own(account: AccountPlace) -> str:
    return f"trail-logs-{account.account.id}"


@own.variant("good", characters={"exemplary": 4, "ordinary": 2, "locked_down": 3, "new": 1})
def good(account: AccountPlace) -> None:
    """Beside it stand its access logs, and a bucket that has nothing to do with records."""
    put_good_bucket(account, _own(account))
    put_bucket(account, f"access-logs-{account.account.id}", writer="logging.s3.amazonaws.com")
    put_bucket(account, f"assets-{account.account.id}", _policy=None)


@own.variant("as_made", characters={"neglected": 2, "ordinary": 2, "new": 2})
def as_made(account: AccountPlace) -> None:
    """S3 blocks public access to new buckets, and does nothing else by itself."""
    put_bucket(
        account,
        _own(account),
        _public_access_block=BLOCKED,
        _says=says("fail", "fail", "fail"),
    )


@own.variant("of_old", characters={"neglected": 2})
def of_old(account: AccountPlace) -> None:
    """Versions were on once, and a week is all that is kept."""
    put_bucket(
        account,
        _own(account),
        _versioning={"Status": "Suspended", "MFADelete": "Disabled"},
        _lifecycle=[{"Status": "Enabled", "Prefix": "AWSLogs/", "Expiration": {"Days": 7}}],
        _says=says("fail", "fail", "fail"),
    )


@own.variant("by_multi_factor", characters={"exemplary": 1, "ordinary": 1})
def by_multi_factor(account: AccountPlace) -> None:
    """Deletion takes a second factor, and files are kept for a year exactly."""
    year = {"Status": "Enabled", "Filter": {"Prefix": "AWSLogs/"}, "Expiration": {"Days": 365}}
    put_good_bucket(
        account,
        _own(account),
        _object_lock=None,
        _versioning={"Status": "Enabled", "MFADelete": "Enabled"},
        _lifecycle=[year],
    )


@own.variant("half_blocked", characters={"neglected": 1, "ordinary": 1})
def half_blocked(account: AccountPlace) -> None:
    """One setting of four is off, and files are kept a day less than a year."""
    short = {"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 364}}
    put_good_bucket(
        account,
        _own(account),
        _public_access_block={**BLOCKED, "RestrictPublicBuckets": False},
        _lifecycle=[TIERED, short],
        _says=says("fail", "pass", "fail"),
    )


@own.variant("shared", characters=RARELY)
def shared(account: AccountPlace) -> None:
    """Other files expire early: those of another service, and those that are tagged."""
    below = f"AWSLogs/{account.account.id}/elasticloadbalancing/"
    tagged = {"And": {"Prefix": "AWSLogs/", "Tags": [{"Key": "kept", "Value": "briefly"}]}}
    week = {"Status": "Enabled", "Expiration": {"Days": 7}}
    rules = [TIERED, {**week, "Filter": {"Prefix": below}}, {**week, "Filter": tagged}]
    put_good_bucket(account, _own(account), _lifecycle=rules)


@own.variant("switched_off", characters=RARELY)
def switched_off(account: AccountPlace) -> None:
    """The lifecycle rule is disabled, and there is no lock."""
    put_good_bucket(
        account,
        _own(account),
        _object_lock=None,
        _lifecycle=[{**TIERED, "Status": "Disabled"}],
        _says=says("fail", "pass", "fail"),
    )


@own.variant("elsewhere", characters={"new": 1, "ordinary": 1})
def elsewhere(account: AccountPlace) -> None:
    """Its trail, if it has one, writes to an account that nobody knows."""


# the buckets of the log archive
def _put_central(organization: OrganizationPlace, **members: Any) -> None:
    """The one of the organization's trail, and one that only trails of other accounts name."""
    archive = archive_of(organization.world)
    if archive is not None:
        for name in (ORGANIZATION_BUCKET, CENTRAL_BUCKET):
            put_good_bucket(organization.member(archive.id), name, **members)


@central.variant("good")
def central_good(organization: OrganizationPlace) -> None:
    _put_central(organization)


@central.variant("unlocked")
def central_unlocked(organization: OrganizationPlace) -> None:
    """Somebody made them anew, without lock and access log."""
    _put_central(organization, _object_lock=None, _logging=None, _says=says("fail", "fail"))
