"""O2 audit: what becomes of the files of trails."""

from findings.facts.base import Gap, GapReason, Place
from findings.facts.kms import Key
from tests.findings.checks.builders_cloudtrail import trail
from tests.findings.checks.builders_s3 import ALL_BLOCKED, bucket, rule
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
CENTRAL = KEY.replace(ACCOUNT, OTHER)
HOMES = Place(OTHER, REGION)
STATES = (
    "Creating",
    "Disabled",
    "PendingDeletion",
    "PendingImport",
    "PendingReplicaDeletion",
    "Unavailable",
    "Updating",
    "Lost",
)


def key(arn=KEY, state="Enabled"):
    return Key(arn=arn, state=state)


def keyed(arn=KEY, **fields):
    return trail(key_id=arn, **fields)


ENCRYPTED = [
    Case("by a key of the account", PASS, [keyed(), key()]),
    Case("by no key", FAIL, [trail(), key()], message="no key"),
    *(Case(f"{state}", FAIL, [keyed(), key(state=state)], message=state) for state in STATES),
    Case("the key is gone", FAIL, [keyed(), key(CENTRAL)], message="manages no such key"),
    Case("by a key elsewhere", PASS, [keyed(CENTRAL)], elsewhere={HOMES: [key(CENTRAL)]}),
    Case(
        "by a key of another region",
        PASS,
        [keyed(KEY.replace(REGION, OTHER_REGION))],
        elsewhere={Place(ACCOUNT, OTHER_REGION): [key(KEY.replace(REGION, OTHER_REGION))]},
    ),
    Case(
        "a key elsewhere is disabled",
        FAIL,
        [keyed(CENTRAL)],
        elsewhere={HOMES: [key(CENTRAL, "Disabled")]},
    ),
    Case("by a key of an account that nobody collected", UNKNOWN, [keyed(CENTRAL)]),
    Case("by a name, which is no key", UNKNOWN, [keyed(KEY.replace("key/", "alias/")), key()]),
    Case("is judged at its home", NOT_APPLICABLE, [keyed(is_shadow=True)], message="judged in"),
]


def about(name, expect, stands, *, of=None, **fields):
    """What is said of a trail whose bucket stands in the same account."""
    return Case(name, expect, [of or trail(), stands], **fields)


def everywhere(pass_, fail):
    """Cases of each check of buckets: where the bucket is, and whether it can be known."""
    return [
        about("as it should be", PASS, pass_),
        Case("in another account", PASS, [trail()], elsewhere={HOMES: [pass_]}),
        Case("not so in another account", FAIL, [trail()], elsewhere={HOMES: [fail]}),
        Case("nobody collected it", UNKNOWN, [trail(), bucket("other-logs")]),
        about("the trail names none", UNKNOWN, pass_, of=trail(bucket=None)),
        Case(
            "an account was not collected, but not the bucket's",
            PASS,
            [trail()],
            elsewhere={HOMES: [pass_]},
            gaps=[Gap(kind="s3.trail_bucket", reason=GapReason.ACCESS_DENIED)],
        ),
        about("at its home", NOT_APPLICABLE, fail, of=trail(is_shadow=True), message="judged in"),
    ]


NO_LOCK = {"has_object_lock": False, "has_mfa_delete": False}

PROTECTED = [
    *everywhere(bucket(), bucket(versioning=None)),
    *(
        about(
            f"without {setting}",
            FAIL,
            bucket(blocked=tuple(set(ALL_BLOCKED) - {setting})),
            message="3 of 4 settings",
        )
        for setting in ALL_BLOCKED
    ),
    about("open", FAIL, bucket(blocked=()), message="0 of 4 settings"),
    about("without versions", FAIL, bucket(versioning=None), message="not met: versioning"),
    about("with old versions", FAIL, bucket(versioning="Suspended")),
    about("without lock", FAIL, bucket(**NO_LOCK), message="Object Lock or MFA delete"),
    about("MFA instead of a lock", PASS, bucket(has_object_lock=False, has_mfa_delete=True)),
    about("no lock is asked", PASS, bucket(**NO_LOCK), parameters={"require_lock": False}),
    about(
        "no lock is asked, but versions",
        FAIL,
        bucket(versioning=None, **NO_LOCK),
        parameters={"require_lock": False},
    ),
]

LOGGED = [
    *everywhere(bucket(), bucket(log_bucket=None)),
    about("tells where", PASS, bucket(), message="logged in access-logs"),
    about("tells what", FAIL, bucket(log_bucket=None), message="audit-logs is not logged"),
]


def ruled(name, expect, *rules, prefix=None, **fields):
    return about(name, expect, bucket(lifecycle_rules=rules), of=trail(key_prefix=prefix), **fields)


def expiring(days, **fields):
    return rule(moves=False, expiration_days=days, **fields)


WEEK = expiring(7)
DATED = rule(moves=False, expires_on=ago(days=-40))

LIFECYCLE = [
    *everywhere(bucket(), bucket(lifecycle_rules=())),
    ruled("no rule", FAIL, message="no rule"),
    ruled("expires in time", PASS, expiring(365)),
    ruled("expires a day too early", FAIL, expiring(364), message="expire after 364 days"),
    ruled("a shorter time", PASS, expiring(90), parameters={"min_days": 90}),
    ruled("moved, but expires too early", FAIL, rule(), WEEK, message="kept long enough"),
    ruled("on a date", FAIL, DATED, message="everything expires on 2026-07-25"),
    ruled("only in other ways", FAIL, rule(moves=False), message="moved or expired"),
    ruled("switched off", FAIL, rule(is_enabled=False), message="no rule"),
    ruled("the early one is switched off", PASS, rule(), expiring(7, is_enabled=False)),
    ruled("for tagged files only", FAIL, rule(has_tags=True)),
    ruled("tagged files expire early", PASS, rule(), expiring(7, has_tags=True)),
    ruled("for the files of AWS", PASS, rule(prefix="AWSLogs/")),
    ruled("for files beside", FAIL, rule(prefix="reports/"), message="no rule"),
    ruled("files beside expire early", PASS, rule(), expiring(7, prefix="reports/")),
    ruled(
        "for this account's files",
        PASS,
        rule(prefix=f"AWSLogs/{ACCOUNT}/"),
    ),
    ruled(
        "for the organization's files", PASS, rule(prefix=f"AWSLogs/o-a1b2c3/{ACCOUNT}/CloudTrail/")
    ),
    ruled(
        "for another service's files", FAIL, rule(prefix=f"AWSLogs/{ACCOUNT}/elasticloadbalancing/")
    ),
    ruled(
        "another service's files expire early",
        PASS,
        rule(),
        expiring(7, prefix=f"AWSLogs/o-a1b2c3/{ACCOUNT}/Config/"),
    ),
    ruled("under the trail's prefix", PASS, rule(prefix="audit/AWSLogs/"), prefix="audit"),
    ruled("above the trail's prefix", PASS, rule(prefix="audit/"), prefix="audit"),
    ruled("under another prefix", FAIL, rule(prefix="AWSLogs/"), prefix="audit"),
]

TABLE = {
    "cloudtrail_kms_encrypted": ENCRYPTED,
    "cloudtrail_bucket_protected": PROTECTED,
    "cloudtrail_bucket_access_logged": LOGGED,
    "cloudtrail_bucket_lifecycle_set": LIFECYCLE,
}


def test_outcomes():
    assert_outcomes(TABLE)
