from findings.facts.base import Gap, GapReason, Place
from findings.facts.pages import Page
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)

DENIED = Gap(kind=Page.kind, reason=GapReason.ACCESS_DENIED)


def page(minutes=5, id="oi-1", **fields):
    """A page two days ago, to which somebody reacted after so many minutes."""
    given = {
        "source": "CloudWatch",
        "began_at": ago(days=2),
        "reacted_at": None if minutes is None else ago(days=2, minutes=-minutes),
        "is_exact": True,
    }
    return Page(id=id, **(given | fields))


def pages(*minutes, **fields):
    return [page(each, f"oi-{number}", **fields) for number, each in enumerate(minutes)]


LATE = ago(days=2, minutes=-15, seconds=-1)
ACKNOWLEDGED = [
    Case("at the limit", PASS, [page(15)], message="at least half of 1 pages within 15 minutes"),
    Case("a second late", FAIL, [page(reacted_at=LATE)], message="less than half of 1"),
    Case("by the limit at the latest", PASS, [page(15, is_exact=False)]),
    Case("later at the latest", UNKNOWN, [page(reacted_at=LATE, is_exact=False)]),
    Case("nobody reacted", FAIL, [page(None)]),
    Case("nobody reacted yet", UNKNOWN, [page(None, began_at=ago(minutes=15))]),
    Case("a second longer", FAIL, [page(None, began_at=ago(minutes=15, seconds=1))]),
    Case("half of them", PASS, pages(5, 90)),
    Case("less than half", FAIL, pages(5, 90, 90)),
    Case("more than half", PASS, pages(5, 5, 90)),
    Case("those that are known suffice", PASS, [*pages(5, 5), page(90, "x", is_exact=False)]),
    Case("those that are late suffice", FAIL, [*pages(90, 90), page(90, "x", is_exact=False)]),
    Case(
        "one that is not known decides", UNKNOWN, [*pages(5, 90, 90), page(90, "x", is_exact=False)]
    ),
    Case(
        "an incident is told in two regions",
        PASS,
        pages(5, 90),
        {Place(ACCOUNT, OTHER_REGION): [page(90, "oi-1")]},
    ),
    Case("began at the limit", FAIL, [page(None, began_at=ago(days=30))]),
    Case("began before", NOT_APPLICABLE, [page(None, began_at=ago(days=30, seconds=1))]),
    Case("began before the window", NOT_APPLICABLE, [page(90)], parameters={"window_days": 1}),
    Case("an hour may do", PASS, [page(60)], parameters={"max_minutes": 60}),
    Case("another source", NOT_APPLICABLE, [page(90)], parameters={"page_sources": ["Config"]}),
    Case(
        "one of the sources", PASS, [page()], parameters={"page_sources": ["Config", "CloudWatch"]}
    ),
    Case("nothing called", NOT_APPLICABLE, message="nothing called anybody"),
    Case("pages were denied", UNKNOWN, gaps=[DENIED]),
    Case("a timeline was denied", UNKNOWN, [page(reacted_at=DENIED, is_exact=DENIED)]),
]

TABLE = {"cloudwatch_alarm_acknowledged_in_time": ACKNOWLEDGED}


def test_outcomes():
    assert_outcomes(TABLE)
