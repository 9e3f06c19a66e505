from findings.facts.base import Gap, GapReason, Place
from tests.findings.checks.builders_cloudtrail import selector, trail
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    assert_outcomes,
)

NOT_TOLD = Gap(kind="cloudtrail.trail", reason=GapReason.NOT_SUPPLIED)
DENIED = Gap(kind="cloudtrail.trail", reason=GapReason.ACCESS_DENIED)
READS = (selector(read_write="ReadOnly"),)
WRITES = (selector(read_write="WriteOnly"),)
DATA = (selector(includes_management_events=False),)
THERE = Place(ACCOUNT, OTHER_REGION)
OWNERS = Place(OTHER, REGION)


def shadow(**fields):
    return trail(is_shadow=True, selectors=NOT_TOLD, **fields)


ORG = {"name": "org", "owner": OTHER, "is_organization": True}

REDUNDANT = [
    Case("one trail", PASS, [trail()]),
    Case("no trail", PASS),
    Case(
        "two trails",
        FAIL,
        [trail(), trail(name="b")],
        message="read events in eu-west-1: 2 found, 1 expected",
    ),
    Case(
        "two trails are wanted",
        PASS,
        [trail(), trail(name="b")],
        parameters={"max_copies": 2},
    ),
    Case("the second is stopped", PASS, [trail(), trail(name="b", is_logging=False)]),
    Case("the second takes data events", PASS, [trail(), trail(name="b", selectors=DATA)]),
    Case(
        "reads and writes apart",
        PASS,
        [trail(selectors=READS), trail(name="b", selectors=WRITES)],
    ),
    Case("reads twice", FAIL, [trail(), trail(name="b", selectors=READS)], message="read events"),
    Case("writes twice", FAIL, [trail(), trail(name="b", selectors=WRITES)], message="write"),
    Case("seen from another region too", PASS, [trail()], elsewhere={THERE: [shadow()]}),
    Case(
        "each of two in a region of its own",
        PASS,
        [trail(is_multi_region=False)],
        elsewhere={THERE: [trail(name="b", is_multi_region=False, home_region=OTHER_REGION)]},
    ),
    Case(
        "both in one other region",
        FAIL,
        elsewhere={
            THERE: [
                trail(name=name, is_multi_region=False, home_region=OTHER_REGION)
                for name in ("a", "b")
            ]
        },
    ),
    Case(
        "one of every region and one of a single one",
        FAIL,
        [trail(is_multi_region=False)],
        elsewhere={THERE: [trail(name="b", home_region=OTHER_REGION)]},
    ),
    Case(
        "beside the organization's",
        FAIL,
        [trail(), shadow(**ORG)],
        elsewhere={OWNERS: [trail(**ORG)]},
    ),
    Case(
        "beside the organization's, which takes data events",
        PASS,
        [trail(), shadow(**ORG)],
        elsewhere={OWNERS: [trail(**ORG, selectors=DATA), trail(name="own", owner=OTHER)]},
    ),
    Case("beside the organization's, which nobody read", UNKNOWN, [trail(), shadow(**ORG)]),
    Case(
        "one is known, another region is not",
        UNKNOWN,
        elsewhere={THERE: [trail(home_region=OTHER_REGION)]},
        gaps=[DENIED],
    ),
    Case(
        "two are known, another region is not",
        FAIL,
        elsewhere={
            THERE: [trail(name=name, home_region=OTHER_REGION) for name in ("a", "b")],
        },
        gaps=[DENIED],
    ),
    Case("nothing is known", UNKNOWN, gaps=[DENIED]),
]

TABLE = {"cloudtrail_no_redundant_trails": REDUNDANT}


def test_outcomes():
    assert_outcomes(TABLE)
