"""O1 change: what people change by hand."""

from findings.facts.base import Place
from findings.facts.cloudtrail_activity import HOURS, ChangesByHand, WriteActivity
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    account,
    assert_outcomes,
)


def by_hand(count, hour=0, actor="AWSReservedSSO_Admin_0a1b", event="PutItem"):
    return ChangesByHand(hour=hour, actor=actor, event=event, count=count)


def activity(writes, *changes, region=REGION, covered=HOURS, hour=0):
    """So many writes, all of one hour, of which some were made by hand."""
    counts = tuple(writes if number == hour else 0 for number in range(HOURS))
    return WriteActivity(region=region, covered_hours=covered, writes=counts, by_hand=changes)


def said(name, expect, *given, **fields):
    return Case(name, expect, [activity(*given)], **fields)


TEST = account(environment="test")
GLASS = {"break_glass_roles": ["AWSReservedSSO_BreakGlass_*"]}
BROKEN = by_hand(90, actor="AWSReservedSSO_BreakGlass_0a1b")

TABLE = {
    "change_manual_ratio_within_limit": [
        said("by automation", PASS, 100, message="0 of 100 changes by hand"),
        said("at the limit", PASS, 100, by_hand(5), message="5 of 100 changes by hand; by"),
        said("one more", FAIL, 100, by_hand(6)),
        said("a higher limit", PASS, 100, by_hand(50), parameters={"max_percent": 50}),
        said(
            "by several",
            FAIL,
            100,
            by_hand(3, event="DeleteItem"),
            by_hand(5, actor="Root"),
            by_hand(1, actor="b"),
            by_hand(1, actor="a", event="TagUser"),
            message="10 of 100 changes by hand; by Root (5), AWSReservedSSO_Admin_0a1b (3), a (1);"
            " most: PutItem (6), DeleteItem (3), TagUser (1)",
        ),
        said("too few", NOT_APPLICABLE, 19, by_hand(19), message="only 19 changes in 24 hours"),
        said("just enough", FAIL, 20, by_hand(19)),
        said("few are enough", FAIL, 10, by_hand(9), parameters={"min_events": 10}),
        Case(
            "regions together",
            FAIL,
            [activity(15)],
            elsewhere={
                Place(ACCOUNT, OTHER_REGION): [activity(15, by_hand(10), region=OTHER_REGION)]
            },
        ),
        said("in an emergency", PASS, 100, BROKEN, parameters=GLASS),
        said("in no emergency", FAIL, 100, BROKEN, by_hand(6), parameters=GLASS),
        Case(
            "long ago",
            NOT_APPLICABLE,
            [activity(100, by_hand(100, hour=6), hour=6)],
            parameters={"window_hours": 6},
        ),
        Case(
            "in the last hour of the window",
            FAIL,
            [activity(100, by_hand(100, hour=5), hour=5)],
            parameters={"window_hours": 6},
        ),
        Case(
            "by hand before the window",
            PASS,
            [activity(100, by_hand(100, hour=6))],
            parameters={"window_hours": 6},
        ),
        Case(
            "too many to read",
            UNKNOWN,
            [activity(2000, covered=23)],
            message="a sample: 0 of 2000 changes by hand",
        ),
        Case(
            "too many to read in one of two regions",
            UNKNOWN,
            [activity(100, by_hand(50))],
            elsewhere={
                Place(ACCOUNT, OTHER_REGION): [activity(2000, region=OTHER_REGION, covered=0)]
            },
        ),
        Case(
            "the window is read",
            PASS,
            [activity(2000, covered=6)],
            parameters={"window_hours": 6},
        ),
        said(
            "not in production",
            NOT_APPLICABLE,
            100,
            by_hand(100),
            account=TEST,
            message="not production",
        ),
        said(
            "in production by a tag of the account",
            FAIL,
            100,
            by_hand(100),
            account=account(environment="other", tags={"Environment": "Prod"}),
        ),
        said(
            "in what counts as production",
            FAIL,
            100,
            by_hand(100),
            account=TEST,
            parameters={"production_selector": {"environments": ["test"]}},
        ),
    ]
}


def test_outcomes():
    assert_outcomes(TABLE)
