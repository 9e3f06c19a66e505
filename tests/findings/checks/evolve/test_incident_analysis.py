"""E3: analyses of incidents."""

from findings.facts.base import not_told
from tests.findings.checks.builders_incidents import incident
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    Place,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
UNTOLD = not_told("ssm_incidents.incident", "ssm-incidents:ListRelatedItems")

TABLE = {
    "incident_post_analysis_completed": [
        Case("analysed", PASS, [incident()]),
        Case(
            "not analysed",
            FAIL,
            [incident(analyses=0)],
            message="shop/1, resolved on 2026-05-16, has no analysis",
        ),
        Case("one of two", FAIL, [incident(), incident("2", analyses=0)], message="shop/2"),
        Case("time is left", PASS, [incident(analyses=0, resolved_at=ago(days=10))]),
        Case("time is over", FAIL, [incident(analyses=0, resolved_at=ago(days=10, seconds=1))]),
        Case(
            "more time",
            PASS,
            [incident(analyses=0, resolved_at=ago(days=12))],
            parameters={"max_days": 12},
        ),
        Case("of medium impact", FAIL, [incident(analyses=0, impact=3)]),
        Case("of low impact", NOT_APPLICABLE, [incident(analyses=0, impact=4)]),
        Case(
            "low impact counts",
            FAIL,
            [incident(analyses=0, impact=4)],
            parameters={"max_impact": 4},
        ),
        Case("at the end of the window", FAIL, [incident(analyses=0, resolved_at=ago(days=180))]),
        Case(
            "before it",
            NOT_APPLICABLE,
            [incident(analyses=0, resolved_at=ago(days=180, seconds=1))],
        ),
        Case(
            "a shorter window",
            NOT_APPLICABLE,
            [incident(analyses=0)],
            parameters={"window_days": 29},
        ),
        Case("in another region", FAIL, [], {ELSEWHERE: [incident(analyses=0)]}),
        Case("none", NOT_APPLICABLE),
        Case("related items are not told", UNKNOWN, [incident(analyses=UNTOLD)]),
        Case(
            "but time is left",
            PASS,
            [incident(analyses=UNTOLD, resolved_at=ago(days=1))],
        ),
        Case("denied", UNKNOWN, gaps=[denied(incident())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
