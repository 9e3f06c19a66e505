from findings.facts.base import Gap, GapReason, Place
from tests.findings.checks.builders_cloudtrail import ORGANIZATION, advanced, selector, trail
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    assert_outcomes,
)

KMS, RDS, STS = "kms.amazonaws.com", "rdsdata.amazonaws.com", "sts.amazonaws.com"
NOT_TOLD = Gap(kind="cloudtrail.trail", reason=GapReason.NOT_SUPPLIED)
WRITES_ONLY = (selector(read_write="WriteOnly"),)

ORGANIZATION_TRAIL = [
    Case("records everything", PASS, [ORGANIZATION, trail(is_organization=True)]),
    Case(
        "is stopped",
        FAIL,
        [ORGANIZATION, trail(is_organization=True, is_logging=False)],
        message="audit: not met: logging",
    ),
    Case(
        "records one region",
        FAIL,
        [ORGANIZATION, trail(is_organization=True, is_multi_region=False)],
        message="multi-Region",
    ),
    Case("is an account's own", FAIL, [ORGANIZATION, trail()], message="organization trail"),
    Case("there is no trail", FAIL, [ORGANIZATION]),
    Case(
        "is seen from a member while the management account has not been collected",
        PASS,
        [ORGANIZATION],
        elsewhere={Place(OTHER, REGION): [trail(is_organization=True, is_shadow=True)]},
        gaps=[Gap(kind="cloudtrail.trail", reason=GapReason.CREDENTIALS)],
    ),
    Case("there is no organization", NOT_APPLICABLE, [trail()]),
]

MULTI_REGION = [
    Case("logs every region", PASS, [trail()]),
    Case(
        "the organization's trail is seen from a member",
        PASS,
        [trail(owner=OTHER, is_organization=True, is_shadow=True, selectors=NOT_TOLD)],
    ),
    Case(
        "another region has the trail",
        PASS,
        elsewhere={Place("111111111111", OTHER_REGION): [trail(home_region=OTHER_REGION)]},
    ),
    Case("is stopped", FAIL, [trail(is_logging=False)], message="audit: not met: logging"),
    Case("logs one region", FAIL, [trail(is_multi_region=False)], message="multi-Region"),
    Case("lacks global events", FAIL, [trail(includes_global_events=False)], message="global"),
    Case(
        "two trails, each of which lacks something",
        FAIL,
        [trail(name="a", is_logging=False), trail(name="b", is_multi_region=False)],
    ),
    Case("there is no trail", FAIL, message="neither the account nor its organization"),
]

ORG_SHADOW = trail(
    name="org", owner=OTHER, is_organization=True, is_shadow=True, selectors=NOT_TOLD
)
OWNERS = Place(OTHER, REGION)


def incomplete(**fields):
    return trail(selectors=WRITES_ONLY, **fields)


def org_trail(**fields):
    return trail(**{"name": "org", "owner": OTHER, "is_organization": True} | fields)


MANAGEMENT_EVENTS = [
    Case("takes all", PASS, [trail()]),
    Case("takes all by default", PASS, [trail(selectors=())]),
    Case(
        "takes all by an advanced selector",
        PASS,
        [trail(selectors=(), advanced_selectors=(advanced(),))],
    ),
    Case("leaves out writes", FAIL, [trail(selectors=(selector(read_write="ReadOnly"),))]),
    Case("leaves out reads", FAIL, [incomplete()], message="not met: read events"),
    Case(
        "leaves out KMS and RDS", PASS, [trail(selectors=(selector(excluded_sources=(KMS, RDS)),))]
    ),
    Case(
        "leaves out a third service",
        FAIL,
        [trail(selectors=(selector(excluded_sources=(KMS, STS)),))],
        message=STS,
    ),
    Case(
        "leaves out KMS, which nobody may here",
        FAIL,
        [trail(selectors=(selector(excluded_sources=(KMS,)),))],
        parameters={"allowed_excludes": []},
    ),
    Case(
        "another trail takes all",
        NOT_APPLICABLE,
        [incomplete(), trail(name="b")],
        message="another",
    ),
    Case("another trail is stopped", FAIL, [incomplete(), trail(name="b", is_logging=False)]),
    Case("another trail is as incomplete", FAIL, [incomplete(), incomplete(name="b")]),
    Case(
        "another trail of one region cannot stand in for every region",
        FAIL,
        [incomplete(), trail(name="b", is_multi_region=False)],
    ),
    Case(
        "another trail of the same region stands in",
        NOT_APPLICABLE,
        [incomplete(is_multi_region=False), trail(name="b", is_multi_region=False)],
    ),
    Case(
        "another trail of another region does not stand in",
        FAIL,
        [incomplete(is_multi_region=False)],
        elsewhere={
            Place("111111111111", OTHER_REGION): [
                trail(name="b", is_multi_region=False, home_region=OTHER_REGION)
            ]
        },
    ),
    Case(
        "a multi-region trail of another region stands in",
        NOT_APPLICABLE,
        [incomplete(is_multi_region=False)],
        elsewhere={
            Place("111111111111", OTHER_REGION): [trail(name="b", home_region=OTHER_REGION)]
        },
    ),
    Case(
        "the organization's trail takes all",
        NOT_APPLICABLE,
        [incomplete(), ORG_SHADOW],
        elsewhere={OWNERS: [org_trail()]},
    ),
    Case(
        "the organization's trail is as incomplete, another one of its owner is not",
        FAIL,
        [incomplete(), ORG_SHADOW],
        elsewhere={OWNERS: [org_trail(selectors=WRITES_ONLY), trail(name="own", owner=OTHER)]},
    ),
    Case(
        "the organization's trail is told where nobody looked",
        UNKNOWN,
        [incomplete(), ORG_SHADOW],
    ),
    Case(
        "another account's trail of its own does not stand in",
        FAIL,
        [incomplete()],
        elsewhere={OWNERS: [trail(owner=OTHER)]},
    ),
    Case(
        "is judged in its owner's account",
        NOT_APPLICABLE,
        [ORG_SHADOW],
        message=f"judged in {REGION} of account {OTHER}",
    ),
]

FILE_VALIDATION = [
    Case("writes digests", PASS, [trail()]),
    Case("writes digests while stopped", PASS, [trail(is_logging=False)]),
    Case("writes none", FAIL, [trail(validates_files=False)], message="log file validation"),
    Case("cannot deliver them", FAIL, [trail(digest_error="NoSuchBucket")], message="NoSuchBucket"),
    Case("is judged at its home", NOT_APPLICABLE, [trail(validates_files=False, is_shadow=True)]),
]

TABLE = {
    "cloudtrail_organization_trail_logging": ORGANIZATION_TRAIL,
    "cloudtrail_multi_region_logging": MULTI_REGION,
    "cloudtrail_management_events_complete": MANAGEMENT_EVENTS,
    "cloudtrail_log_file_validation": FILE_VALIDATION,
}


def test_outcomes():
    assert_outcomes(TABLE)
