"""E3: insights of traces."""

from tests.findings.checks.builders_xray import insight, watched
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

OLD = insight(ago(hours=24, seconds=1))

TABLE = {
    "xray_insights_resolved": [
        Case("none goes on", PASS, [watched()]),
        Case("insights are off", NOT_APPLICABLE, message="insights are off"),
        Case("the limit exactly", PASS, [watched("orders", insight(ago(hours=24)))]),
        Case(
            "a second more",
            FAIL,
            [watched("orders", OLD)],
            message="payments since 2026-06-14 11:59 UTC",
        ),
        Case(
            "no root cause",
            FAIL,
            [watched("orders", insight(ago(days=29), None))],
            message="an unknown service since 2026-05-17 12:00 UTC",
        ),
        Case("an old one of several", FAIL, [watched("a"), watched("b", insight(ago()), OLD)]),
        Case(
            "a longer patience",
            PASS,
            [watched("orders", OLD)],
            parameters={"max_hours": 48},
        ),
        Case("since when is not told", UNKNOWN, [watched("orders", insight(None))]),
        Case("of one since when is not told", FAIL, [watched("orders", insight(None), OLD)]),
        Case("groups denied", UNKNOWN, gaps=[denied(watched())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
